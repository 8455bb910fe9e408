#include "control/status_json.h"

#include <algorithm>

#include <fmt/core.h>
#include <boost/json.hpp>

#include "json/timestamp.h"

namespace gw::control {
namespace {

namespace js = boost::json;
using process::InstanceState;
using process::InstanceStatus;

bool on_its_way_out(const InstanceStatus& instance) {
  return instance.state == InstanceState::draining || instance.state == InstanceState::stopped;
}

// Null instead of nothing, so that members are always there.
js::value or_null(const std::string& text) {
  return text.empty() ? js::value() : js::value(js::string(text));
}
js::value or_null(std::int64_t number) {
  return number == 0 ? js::value() : js::value(number);
}

js::object instance_json(const InstanceStatus& instance) {
  const bool started = instance.started_at != WallTime{};
  return {{"instance", instance.instance},
          {"state", js::string(to_string(instance.state))},
          {"ready", instance.state == InstanceState::ready},
          {"pid", or_null(instance.pid)},
          {"port", or_null(instance.port)},
          {"restarts", instance.restarts},
          {"startedAt", started ? js::value(json::format_timestamp(instance.started_at)) : js::value()},
          {"lastError", or_null(instance.last_error)},
          {"endpoint", or_null(instance.endpoint_id)}};
}

// A server that runs elsewhere is one instance of which only the endpoint is known.
js::object remote_json(const routing::Endpoint& endpoint) {
  InstanceStatus instance;
  instance.state = InstanceState::ready;
  instance.endpoint_id = endpoint.id;
  instance.port = endpoint.address.port;
  return instance_json(instance);
}

js::object condition(std::string_view type, bool status, std::string_view reason, std::string_view message,
                     WallTime since) {
  return {{"type", js::string(type)},
          {"status", status ? "True" : "False"},
          {"reason", js::string(reason)},
          {"message", js::string(message)},
          {"lastTransitionTime", json::format_timestamp(since)}};
}

js::array conditions(const model::Adapter& adapter, const Observed& observed) {
  js::array all;
  const bool ready = observed.ready_endpoints() > 0;
  const char* const reason = ready ? "EndpointsReady" : adapter.spec.enabled ? "NoEndpointReady" : "Disabled";
  all.push_back(condition("Ready", ready, reason, observed.route->unavailable_reason, observed.ready_since));
  if (adapter.spec.url) {
    const auto& problem = observed.problem;
    all.push_back(condition("Configured", !problem, problem ? "CannotBeUsed" : "Usable",
                            problem ? problem->message() : "", observed.problem_since));
  }
  return all;
}

// A stdio server whose process cannot start still has an endpoint, so that the next client makes it try again.
std::size_t ready_replicas(const model::Adapter& adapter, const Observed& observed,
                           const std::vector<InstanceStatus>& instances) {
  const std::size_t endpoints = observed.ready_endpoints();
  if (adapter.spec.url) return endpoints;
  const auto working = std::ranges::count(instances, InstanceState::ready, &InstanceStatus::state);
  return std::min(endpoints, static_cast<std::size_t>(working));
}

}  // namespace

std::uint32_t wanted_instances(const model::AdapterSpec& spec) {
  if (!spec.enabled) return 0;
  return spec.url ? 1 : spec.replica_count;
}

std::string_view short_state(const model::Adapter& adapter, const Observed& observed) {
  if (!adapter.spec.enabled) return "disabled";
  const std::size_t ready = observed.ready_endpoints();
  if (ready >= wanted_instances(adapter.spec) && ready > 0) return "ready";
  return ready > 0 ? "degraded" : "unavailable";
}

js::object status_json(const model::Adapter& adapter, const Observed& observed,
                       const std::vector<InstanceStatus>& instances) {
  const std::size_t ready = ready_replicas(adapter, observed, instances);
  const std::size_t wanted = wanted_instances(adapter.spec);
  const auto updated = std::ranges::count_if(
      instances, [](const InstanceStatus& instance) { return instance.updated && !on_its_way_out(instance); });
  const auto& image = adapter.spec.image;

  js::array listed;
  for (const InstanceStatus& instance : instances) listed.push_back(instance_json(instance));
  if (adapter.spec.url) {
    for (const routing::Endpoint& endpoint : observed.route->endpoints) listed.push_back(remote_json(endpoint));
  }
  return {{"readyReplicas", ready},
          {"updatedReplicas", adapter.spec.url ? ready : static_cast<std::size_t>(updated)},
          {"availableReplicas", ready},
          {"image", image ? image->name + ':' + image->version : "Unknown"},
          {"replicaStatus", ready >= wanted ? "Healthy" : fmt::format("Degraded: {}/{} ready", ready, wanted)},
          {"instances", std::move(listed)},
          {"conditions", conditions(adapter, observed)}};
}

}  // namespace gw::control
