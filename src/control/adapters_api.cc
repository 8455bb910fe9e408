#include "control/adapters_api.h"

#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/strings.h"
#include "control/audited_change.h"
#include "http/target.h"
#include "model/adapter_json.h"
#include "model/etag.h"
#include "model/reference.h"
#include "routing/route.h"

namespace gw::control {
namespace {

using http::Method;
using http::Name;

Answer adapter_answer(int status, const model::Adapter& adapter) {
  return Answer{.status = status, .type = "application/json", .body = model::resource_text(adapter)}.with(
      "ETag", model::etag_of(adapter));
}

// What of the gateway's machine the server would use: a program, a file, a variable or a secret. Whoever may say that
// can run programs here and read what only the gateway should, by having it sent to a server of his.
std::string_view reach_of(const model::AdapterSpec& spec) {
  const auto refers = [](const auto& entry) { return model::has_references(entry.second); };
  if (spec.command) return "command";
  if (spec.url && !spec.url->ca_file.empty()) return "caFile";
  if (spec.url && std::ranges::any_of(spec.url->headers, refers)) return "headers";
  if (std::ranges::any_of(spec.environment, refers)) return "environmentVariables";
  return "";
}

}  // namespace

std::vector<ApiRoute> AdaptersApi::routes() {
  using enum Verb;
  const auto route = [this](Method method, std::string_view rest, Verb verb, Takes takes,
                            Task<Answer> (AdaptersApi::*handler)(Call&)) {
    return ApiRoute{method, collection_.path_of(rest), {collection_.kind, verb}, takes, [this, handler](Call& call) {
                      return (this->*handler)(call);
                    }};
  };
  return {
      route(Method::get, "", list, Takes::nothing, &AdaptersApi::list),
      route(Method::post, "", create, Takes::json, &AdaptersApi::create),
      route(Method::get, "/{name}", read, Takes::nothing, &AdaptersApi::get),
      route(Method::put, "/{name}", update, Takes::json, &AdaptersApi::replace),
      route(Method::del, "/{name}", remove, Takes::nothing, &AdaptersApi::remove),
  };
}

Resources AdaptersApi::resources() const {
  return {.owner = [this](const std::string& name) -> std::optional<identity::Ownership> {
            const model::Adapter* adapter = registry_.find(name);
            if (adapter == nullptr || !collection_.holds(*adapter)) return {};
            return ownership_of(*adapter);
          },
          .not_found = [this](const std::string& name) { return store::not_found(name, collection_.noun).error(); },
          .what = std::string(collection_.noun)};
}

std::optional<Error> AdaptersApi::exceeds(const identity::Principal& caller, const model::AdapterSpec& spec) const {
  if (identity::is_admin(caller, access_.admin_role)) return {};
  const auto has = [&](const std::string& role) { return caller.has_role(role); };
  if (spec.use_workload_identity && std::ranges::none_of(access_.workload_identity_roles, has)) {
    return Error(Errc::forbidden,
                 fmt::format("useWorkloadIdentity needs the role '{}'{}{}", access_.admin_role,
                             access_.workload_identity_roles.empty() ? "" : " or one of ",
                             fmt::join(access_.workload_identity_roles, ", ")),
                 "useWorkloadIdentity");
  }
  const std::string_view reach = reach_of(spec);
  if (reach.empty() || std::ranges::any_of(access_.operator_roles, has)) return {};
  return Error(Errc::forbidden,
               fmt::format("servers that run programs of the gateway's machine, or refer to its files, variables and "
                           "secrets, need the role '{}' or one of auth.operatorRoles",
                           access_.admin_role),
               std::string(reach));
}

std::optional<Answer> AdaptersApi::refuse(const Call& call, std::string_view action,
                                          const model::AdapterSpec& spec) const {
  const auto error = exceeds(*call.caller, spec);
  if (!error) return {};
  record_denial(call, std::string(action), {.adapter = spec.name}, error->message());
  return problem(*error);
}

Task<Answer> AdaptersApi::list(Call& call) {
  const auto limit_text = call.query("limit");
  const auto limit = limit_text ? parse_unsigned(*limit_text) : max_page;
  if (!limit || *limit < 1 || *limit > max_page) {
    co_return bad_parameter("limit", fmt::format("must be a number from 1 to {}", max_page));
  }
  const std::string after = call.query("after").value_or("");
  const auto readable = [&](const model::Adapter& adapter) {
    return collection_.holds(adapter) && identity::may_read(*call.caller, ownership_of(adapter), access_.admin_role);
  };
  auto page = registry_.list(after, *limit + 1, readable);  // One more tells whether others follow.
  const bool more = page.size() > *limit;
  if (more) page.pop_back();
  std::vector<std::string> texts;
  for (const model::Adapter* adapter : page) texts.push_back(model::resource_text(*adapter));
  Answer answer{.status = 200, .type = "application/json", .body = fmt::format("[{}]", fmt::join(texts, ","))};
  if (more) {
    const std::string last = http::percent_encode(page.back()->spec.name);
    answer.fields.emplace_back("Link",
                               fmt::format("<{}?limit={}&after={}>; rel=\"next\"", collection_.path, *limit, last));
  }
  co_return answer;
}

Task<Answer> AdaptersApi::create(Call& call) {
  auto spec = read_spec(call.body, nullptr);
  if (!spec) co_return spec.error();
  if (auto refused = refuse(call, collection_.action("create"), *spec)) co_return *std::move(refused);
  auto change = AuditedChange::begin(call, collection_.action("create"), {.adapter = spec->name});
  if (!change) co_return change.error();
  const auto created = co_await registry_.create(*std::move(spec), creator_name(*call.caller));
  if (!created) co_return change->failed(created.error());
  change->done();
  co_return adapter_answer(201, *created).with("Location", collection_.path_of("/" + created->spec.name));
}

Task<Answer> AdaptersApi::get(Call& call) {
  const model::Adapter* adapter = registry_.find(call.name);
  const std::string_view known = call.header(Name::if_none_match);
  if (!known.empty() && model::matches(known, *adapter)) {
    co_return Answer{.status = 304}.with("ETag", model::etag_of(*adapter));
  }
  co_return adapter_answer(200, *adapter);
}

Task<Answer> AdaptersApi::replace(Call& call) {
  auto spec = read_spec(call.body, &registry_.find(call.name)->spec);
  if (!spec) co_return spec.error();
  if (spec->name != call.name) {
    co_return problem(Error(Errc::invalid,
                            fmt::format("the URL names {} '{}' and the body '{}'; they must be the same",
                                        collection_.noun, printable(call.name), spec->name),
                            "name"));
  }
  if (auto refused = refuse(call, collection_.action("update"), *spec)) co_return *std::move(refused);
  auto change = AuditedChange::begin(call, collection_.action("update"), {.adapter = call.name});
  if (!change) co_return change.error();
  const auto updated = co_await registry_.update(*std::move(spec), std::string(call.header(Name::if_match)));
  if (!updated) co_return change->failed(updated.error());
  change->done();
  co_return adapter_answer(200, *updated);
}

std::expected<model::AdapterSpec, Answer> AdaptersApi::read_spec(std::string_view body,
                                                                 const model::AdapterSpec* present) const {
  auto spec = collection_.kind == Kind::tool ? model::read_tool(body, present) : model::read_adapter(body, present);
  if (!spec) return std::unexpected(problem(what(), spec.error()));
  if (!spec->url || egress_ == nullptr) return *std::move(spec);
  const auto url = routing::parse_upstream_url(spec->url->url);
  const auto checked = url ? egress_->check_host(url->address.host) : Result<>(std::unexpected(url.error()));
  if (checked) return *std::move(spec);
  return std::unexpected(problem(what(), {{"url", checked.error().message(), {}}}));
}

Task<Answer> AdaptersApi::remove(Call& call) {
  auto change = AuditedChange::begin(call, collection_.action("delete"), {.adapter = call.name});
  if (!change) co_return change.error();
  const auto removed = co_await registry_.remove(call.name, std::string(call.header(Name::if_match)));
  if (!removed) co_return change->failed(removed.error());
  change->done();
  co_return Answer{.status = 204};
}

}  // namespace gw::control
