#include "control/route_builder.h"

#include <algorithm>

#include <fmt/core.h>

#include "control/permissions.h"
#include "control/stable_hash.h"
#include "http/fields.h"
#include "model/adapter_document.h"

namespace gw::control {
namespace {

using process::InstanceState;

// Stands for "no limit" in the data plane, where every wait has an end.
constexpr Duration unlimited = std::chrono::hours(24 * 365);

Duration or_unlimited(Duration limit) {
  return limit == Duration::zero() ? unlimited : limit;
}

void keep_paths(routing::AdapterRoute& route, const routing::AdapterRoute& previous) {
  for (routing::Endpoint& endpoint : route.endpoints) {
    if (const routing::Endpoint* before = previous.find(endpoint.id)) endpoint.path = before->path;
  }
}

// `path` after that of `target`, whose query stays at the end.
std::string below(std::string_view target, std::string_view path) {
  const auto query = std::min(target.find('?'), target.size());
  std::string_view base = target.substr(0, query);
  if (base.ends_with('/')) base.remove_suffix(1);
  return fmt::format("{}{}{}", base, path, target.substr(query));
}

// Why no instance takes sessions, from the one that is nearest to it.
std::string reason_of(const model::AdapterSpec& spec, const std::vector<process::InstanceStatus>& instances) {
  const std::string name = fmt::format("{} '{}'", model::noun_of(spec), spec.name);
  const auto best = std::ranges::min_element(instances, {}, &process::InstanceStatus::state);
  if (best == instances.end() || best->state == InstanceState::stopped) {
    return fmt::format("no process of {} runs", name);
  }
  switch (best->state) {
    case InstanceState::backoff:
    case InstanceState::failed:
      return fmt::format("{} cannot serve: {}; it will be started again", name, best->last_error);
    case InstanceState::draining: return fmt::format("the processes of {} are being stopped", name);
    default:
      return best->last_error.empty()
                 ? fmt::format("a process of {} is starting", name)
                 : fmt::format("a process of {} is starting again after this: {}", name, best->last_error);
  }
}

// Adapters of the file come first, in its order; those of the API follow as they were made.
std::uint64_t federated_position(const model::Adapter& adapter) {
  if (adapter.origin == model::Origin::file) return adapter.position;
  const auto age = std::chrono::duration_cast<std::chrono::milliseconds>(adapter.created_at.time_since_epoch());
  return (std::uint64_t{1} << 32) + static_cast<std::uint64_t>(age.count());
}

routing::Federated federated(const model::Adapter& adapter) {
  const model::AdapterSpec& spec = adapter.spec;
  return {.position = federated_position(adapter),
          .tool_prefix = spec.tool_prefix,
          .tags = spec.tags,
          .categories = spec.categories,
          .hint = spec.hint,
          .pinned = spec.pinned};
}

}  // namespace

Runtime* runtime_of(const model::AdapterSpec& spec, Runtime& processes, Runtime& stdio) {
  if (!spec.command) return nullptr;
  return spec.transport == model::Transport::stdio ? &stdio : &processes;
}

BuiltRoute RouteBuilder::build(const model::Adapter& adapter, const routing::AdapterRoute* previous) {
  const model::AdapterSpec& spec = adapter.spec;
  const std::string_view noun = model::noun_of(spec);
  BuiltRoute built;
  routing::AdapterRoute& route = built.route;
  route.name = spec.name;
  route.uid = adapter.uid;
  route.ownership = ownership_of(adapter);
  route.forwarded_identity = spec.forwarded_identity;
  route.session_per_client = spec.session_sharing == model::SessionSharing::client;
  if (spec.federated && spec.enabled) route.federated = federated(adapter);
  if (spec.tool) route.tool = routing::SharedTool(std::make_shared<const model::ToolSpec>(*spec.tool));
  route.call_timeout = spec.limits.call_timeout;
  route.max_body_bytes = spec.limits.max_body_bytes;
  route.max_depth = spec.limits.max_depth;
  route.connect_timeout = or_unlimited(spec.limits.connect_timeout);
  route.response_timeout = or_unlimited(spec.limits.response_timeout);

  if (spec.url && spec.enabled) {
    if (const auto added = add_remote_endpoint(adapter, route); !added) {
      built.problem = added.error();
      route.endpoints.clear();
      route.unavailable_reason =
          fmt::format("{} '{}' cannot be reached as it is configured; its status tells why", noun, spec.name);
    }
  } else if (Runtime* runtime = runtime_of(spec, processes_, stdio_)) {
    add_processes(*runtime, adapter, previous, route);
  } else if (spec.image) {
    route.unavailable_reason =
        fmt::format("{} '{}' is a container image, and no container runtime is configured", noun, spec.name);
  }
  if (!spec.enabled) route.unavailable_reason = fmt::format("{} '{}' is disabled", noun, spec.name);
  return built;
}

// The path of a tool is part of its definition and follows that, whatever its process was started with.
void RouteBuilder::add_processes(Runtime& runtime, const model::Adapter& adapter, const routing::AdapterRoute* previous,
                                 routing::AdapterRoute& route) {
  const model::AdapterSpec& spec = adapter.spec;
  route.endpoints = runtime.endpoints(adapter);
  if (spec.tool) {
    for (routing::Endpoint& endpoint : route.endpoints) endpoint.path = spec.tool->path;
  } else if (previous != nullptr) {
    keep_paths(route, *previous);
  }
  if (std::ranges::any_of(route.endpoints, &routing::Endpoint::ready)) return;
  route.unavailable_reason = spec.replica_count == 0 ? fmt::format("{} '{}' has no replicas: its replicaCount is 0",
                                                                   model::noun_of(spec), spec.name)
                                                     : reason_of(spec, runtime.status(spec.name));
}

Result<> RouteBuilder::add_remote_endpoint(const model::Adapter& adapter, routing::AdapterRoute& route) {
  const model::UrlSource& source = *adapter.spec.url;
  GW_TRY(const auto url, routing::parse_upstream_url(source.url));
  routing::Endpoint endpoint;
  endpoint.id = stable_hash(adapter.uid + '\n' + source.url);
  endpoint.address = url.address;
  if (adapter.origin == model::Origin::api) endpoint.egress = egress_;
  endpoint.host = source.hostname.empty() ? url.authority : source.hostname;
  (adapter.spec.transport == model::Transport::sse ? endpoint.sse_path : endpoint.path) =
      adapter.spec.tool ? below(url.target, adapter.spec.tool->path) : url.target;
  if (url.https) {
    GW_TRY(endpoint.tls, tls_context(source));
  }
  GW_TRY_OK(add_headers(source, route));
  route.endpoints.push_back(std::move(endpoint));
  return {};
}

Result<> RouteBuilder::add_headers(const model::UrlSource& source, routing::AdapterRoute& route) const {
  for (const auto& [name, value] : source.headers) {
    const auto resolved = model::resolve_references(value, references_);
    if (!resolved) return std::unexpected(resolved.error().within(fmt::format("header '{}'", name)));
    if (!http::is_field_value(*resolved)) {
      return fail(Errc::invalid, "header '{}': what it refers to has a line end or another control character", name);
    }
    route.extra_fields += fmt::format("{}: {}\r\n", name, *resolved);
    route.extra_names.push_back(name);
  }
  return {};
}

Result<std::shared_ptr<const net::TlsContext>> RouteBuilder::tls_context(const model::UrlSource& source) {
  const std::string trusted = source.ca_cert.empty() ? "file:" + source.ca_file : "text:" + source.ca_cert;
  auto& context = contexts_[trusted];
  if (context) return context;
  GW_TRY(context, source.ca_cert.empty() ? net::TlsContext::client(source.ca_file)
                                         : net::TlsContext::client_trusting(source.ca_cert));
  return context;
}

}  // namespace gw::control
