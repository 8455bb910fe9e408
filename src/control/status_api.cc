#include "control/status_api.h"

#include <boost/json.hpp>

#include "control/collection.h"
#include "control/status_json.h"
#include "json/timestamp.h"
#include "runtime/race.h"

namespace gw::control {
namespace {

namespace js = boost::json;
using http::Method;

constexpr Duration store_timeout = std::chrono::seconds(2);

std::string_view to_string(Phase phase) {
  switch (phase) {
    case Phase::starting: return "starting";
    case Phase::serving: return "serving";
    case Phase::draining: return "draining";
  }
  return "serving";
}

js::array names_json(const std::vector<std::string>& names) {
  js::array all;
  for (const std::string& name : names) all.push_back(js::string(name));
  return all;
}

// Its endpoint may be all there is to be, and still nobody answers there.
void add_trouble(js::object& entry, js::object trouble) {
  if (trouble.empty()) return;
  if (entry["state"] == "ready" || entry["state"] == "degraded") entry["state"] = "unreachable";
  for (auto& [name, value] : trouble) entry[name] = std::move(value);
}

js::object resources_json(const Collection& collection, const StatusApi::Sources& sources) {
  const Registry& registry = sources.registry;
  const auto held = [&](const model::Adapter& adapter) { return collection.holds(adapter); };
  const auto all = registry.list("", registry.size(), held);
  js::array listed;
  std::size_t ready = 0;
  for (const model::Adapter* adapter : all) {
    const Observed* observed = sources.reconciler.find(adapter->spec.name);
    if (observed == nullptr) continue;
    ready += observed->ready_endpoints() > 0;
    const std::string& reason = observed->route->unavailable_reason;
    js::object entry{{"name", adapter->spec.name},
                     {"origin", adapter->origin == model::Origin::file ? "file" : "api"},
                     {"state", js::string(short_state(*adapter, *observed))}};
    if (!reason.empty()) entry["reason"] = reason;
    if (adapter->spec.tool && sources.tool_trouble) add_trouble(entry, sources.tool_trouble(adapter->spec.name));
    listed.push_back(std::move(entry));
  }
  return {{"total", all.size()},
          {"ready", ready},
          {"shadowed", names_json(registry.shadowed(held))},
          {"list", std::move(listed)}};
}

// "lastError" is there only while the file on disk is one that was refused.
js::object config_json(const Reload& reload) {
  const ReloadState& state = reload.state();
  js::object config{{"file", state.file.empty() ? js::value() : js::value(js::string(state.file.string()))},
                    {"loadedAt", json::format_timestamp(state.applied_at)},
                    {"needsRestart", names_json(state.needs_restart)}};
  if (!state.problems.empty()) {
    config["lastError"] = {{"at", json::format_timestamp(state.rejected_at)}, {"problems", names_json(state.problems)}};
  }
  return config;
}

}  // namespace

std::vector<ApiRoute> StatusApi::routes() {
  const auto no = Takes::nothing;
  const auto about = [](Verb verb) { return Operation{Kind::gateway, verb}; };
  std::vector<ApiRoute> routes{
      {Method::get, "/", about(Verb::index), no, [this](Call& call) { return index(call); }},
      {Method::get, "/ping", about(Verb::probe), no, [this](Call& call) { return ping(call); }},
      {Method::get, "/healthz", about(Verb::probe), no, [this](Call& call) { return healthz(call); }},
      {Method::get, "/readyz", about(Verb::probe), no, [this](Call& call) { return readyz(call); }},
      {Method::get, "/status", about(Verb::observe), no, [this](Call& call) { return status(call); }},
      {Method::get, "/metrics", about(Verb::observe), no, [this](Call& call) { return metrics(call); }},
  };
  for (const Collection& collection : collections) {
    routes.push_back(
        {Method::get, collection.path_of("/{name}/status"), {collection.kind, Verb::status}, no, [this](Call& call) {
           return adapter_status(call);
         }});
  }
  return routes;
}

Task<Answer> StatusApi::index(Call&) {
  js::object links;
  for (const char* name : {"adapters", "tools", "keys", "secrets", "whoami", "status", "openapi.json", "metrics",
                           "healthz", "readyz", "ping"}) {
    links[name] = std::string("/") + name;
  }
  co_return json_answer(200, js::object{{"name", "mcp-gateway"},
                                        {"version", sources_.gateway.version},
                                        {"mcp", "/mcp"},
                                        {"adapterMcp", "/adapters/{name}/mcp"},
                                        {"virtualServerMcp", "/servers/{name}/mcp"},
                                        {"links", std::move(links)}});
}

Task<Answer> StatusApi::ping(Call&) {
  co_return Answer{.status = 200};
}

Task<Answer> StatusApi::healthz(Call&) {
  co_return json_answer(200, js::object{{"status", "ok"}});
}

Task<Answer> StatusApi::readyz(Call&) {
  js::array reasons;
  const Phase phase = sources_.gateway.phase;
  if (phase == Phase::starting) reasons.push_back("the gateway is starting");
  if (phase == Phase::draining) reasons.push_back("the gateway is shutting down");
  if (phase == Phase::serving) {
    const auto checked = co_await with_timeout(store_timeout, sources_.registry.check_store());
    if (!checked) {
      reasons.push_back("the store does not answer");
    } else if (!*checked) {
      reasons.push_back(js::string("the store fails: " + checked->error().message()));
    }
  }
  const bool ready = reasons.empty();
  co_return json_answer(ready ? 200 : 503, js::object{{"ready", ready}, {"reasons", std::move(reasons)}});
}

// Without keys none of an issuer's tokens can be accepted.
js::array issuers_json(const StatusApi::Sources& sources) {
  js::array issuers;
  if (!sources.issuers) return issuers;
  for (const auth::IssuerKeys& issuer : sources.issuers()) {
    const bool has_keys = issuer.keys != nullptr;
    js::array ids;
    if (has_keys) {
      for (const std::string& id : issuer.keys->ids()) ids.emplace_back(id);
    }
    issuers.push_back(
        js::object{{"issuer", issuer.issuer},
                   {"jwksUri", issuer.jwks_uri.empty() ? js::value() : js::value(issuer.jwks_uri)},
                   {"keys", std::move(ids)},
                   {"fetchedAt", has_keys ? js::value(json::format_timestamp(issuer.fetched_at)) : js::value()},
                   {"problem", issuer.problem.empty() ? js::value() : js::value(issuer.problem)}});
  }
  return issuers;
}

Task<Answer> StatusApi::status(Call&) {
  const GatewayState& gateway = sources_.gateway;
  js::object counters;
  if (sources_.figures) {
    for (const auto& [name, value] : sources_.figures()) counters[name] = value;
  }
  const auto resources = [this](const Collection& collection) { return resources_json(collection, sources_); };
  const auto uptime = std::chrono::duration_cast<std::chrono::seconds>(steady_now() - gateway.started);
  js::object report{{"version", gateway.version},
                    {"state", js::string(to_string(gateway.phase))},
                    {"startedAt", json::format_timestamp(gateway.started_at)},
                    {"uptimeSeconds", uptime.count()},
                    {"config", config_json(sources_.reload)},
                    {"adapters", resources(adapters_collection)},
                    {"tools", resources(tools_collection)},
                    {"issuers", issuers_json(sources_)},
                    {"counters", std::move(counters)}};
  if (sources_.federation) report["federation"] = sources_.federation();
  co_return json_answer(200, std::move(report));
}

Task<Answer> StatusApi::metrics(Call&) {
  co_return Answer{.status = 200,
                   .type = "text/plain; version=0.0.4; charset=utf-8",
                   .body = sources_.metrics ? sources_.metrics() : ""};
}

Task<Answer> StatusApi::adapter_status(Call& call) {
  const model::Adapter* adapter = sources_.registry.find(call.name);
  const Observed* observed = sources_.reconciler.find(call.name);
  if (observed == nullptr) co_return problem(store::not_found(call.name).error());
  std::vector<process::InstanceStatus> instances;
  if (const Runtime* runtime = runtime_of(adapter->spec, sources_.processes, sources_.stdio)) {
    instances = runtime->status(call.name);
  }
  co_return json_answer(200, status_json(*adapter, *observed, instances));
}

}  // namespace gw::control
