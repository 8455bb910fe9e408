#include "cli/server_wait.h"

#include <algorithm>

#include <fmt/core.h>
#include <boost/json.hpp>

#include "http/target.h"
#include "runtime/event.h"

namespace gw::cli {
namespace {

namespace js = boost::json;

constexpr Duration poll_interval = std::chrono::milliseconds(50);
constexpr std::int64_t enough_attempts = 2;  // The first may have come before the server's process.
constexpr const char* still_starting = "it is still starting";

struct Waiting {
  MissingServer server;
  bool may_come = true;
};

// Null where there is none.
const js::value* member(const js::value& object, std::string_view name) {
  return object.is_object() ? object.get_object().if_contains(name) : nullptr;
}
std::string text_at(const js::value& object, std::string_view name) {
  const js::value* const value = member(object, name);
  return value != nullptr && value->is_string() ? std::string(value->get_string()) : std::string();
}
std::int64_t number_at(const js::value& object, std::string_view name) {
  const js::value* const value = member(object, name);
  return value != nullptr && value->is_int64() ? value->get_int64() : 0;
}
js::array list_at(const js::value& object, std::string_view name) {
  const js::value* const value = member(object, name);
  return value != nullptr && value->is_array() ? value->get_array() : js::array();
}

// By the status of an adapter. Servers that start with their first session have no instances before it.
std::vector<Waiting> waiting_for_process(const js::value& status, const std::string& name) {
  const js::array instances = list_at(status, "instances");
  if (instances.empty() || number_at(status, "readyReplicas") > 0) return {};
  const std::string error = text_at(instances.front(), "lastError");
  const bool starting = text_at(instances.front(), "state") == "starting";
  return {{{name, error.empty() ? still_starting : error}, starting}};
}

class Servers {
 public:
  Servers(net::Resolver& resolver, const Target& gateway) : resolver_(resolver), gateway_(gateway) {}

  Task<Result<std::vector<Waiting>>> of_adapter(std::string name) {
    GW_CO_TRY(const js::value status, co_await ask(resolver_, gateway_, http::Method::get,
                                                   fmt::format("/adapters/{}/status", http::percent_encode(name))));
    co_return waiting_for_process(status, name);
  }

  Task<Result<std::vector<Waiting>>> of_all() {
    GW_CO_TRY(const js::value status, co_await ask(resolver_, gateway_, http::Method::get, "/status"));
    std::vector<Waiting> waiting;
    const js::value* const federation = member(status, "federation");
    const js::value* const merging = federation == nullptr ? nullptr : member(*federation, "merging");
    if (merging != nullptr && *merging == js::value(true)) waiting.push_back({{"/mcp", still_starting}, true});
    for (const js::value& server : federation == nullptr ? js::array() : list_at(*federation, "servers")) {
      const std::string state = text_at(server, "state");
      if (state == "ready") continue;
      const std::string name = text_at(server, "name");
      const std::string error = text_at(server, "error");
      const bool failed = state != "starting" && number_at(server, "attempts") >= enough_attempts;
      const bool may_come = !failed || co_await is_starting(name);
      waiting.push_back({{name, error.empty() ? still_starting : error}, may_come});
    }
    co_return waiting;
  }

 private:
  Task<bool> is_starting(std::string name) {
    const auto waiting = co_await of_adapter(std::move(name));
    co_return waiting && !waiting->empty() && waiting->front().may_come;
  }

  net::Resolver& resolver_;
  const Target& gateway_;
};

}  // namespace

Task<Result<std::vector<MissingServer>>> wait_for_servers(net::Resolver& resolver, const Target& gateway,
                                                          std::string adapter, Duration longest) {
  const SteadyTime deadline = steady_now() + longest;
  Servers servers(resolver, gateway);
  while (true) {
    GW_CO_TRY(const auto waiting, adapter.empty() ? co_await servers.of_all() : co_await servers.of_adapter(adapter));
    if (std::ranges::none_of(waiting, &Waiting::may_come) || steady_now() >= deadline) {
      std::vector<MissingServer> missing;
      for (const Waiting& each : waiting) missing.push_back(each.server);
      co_return missing;
    }
    co_await sleep_for(poll_interval);
  }
}

}  // namespace gw::cli
