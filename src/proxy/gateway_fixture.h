// For tests: a gateway of one worker in memory, and servers behind it.
#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <map>

#include "http/server.h"
#include "proxy/proxy.h"
#include "testing/http_wire.h"
#include "testing/run.h"

namespace gw::proxy {

using testing::receive_all;
using testing::receive_until;
using testing::send;

// An MCP server as far as the proxy can tell: notes what reaches it, answers by method and path.
class Upstream final : public http::Service {
 public:
  explicit Upstream(std::string given_session = "upstream-session-1") : session_(std::move(given_session)) {
    listener = std::make_shared<net::InprocListener>(*Loop::current(), [this](std::unique_ptr<net::Stream> stream) {
      server_.serve(std::move(stream), {.address = "local"});
    });
  }

  // What a test wants answered: a body in parts, each written for itself.
  struct Scripted {
    int status = 200;
    std::string content_type = "application/json";
    std::vector<std::string> parts;
    std::vector<std::pair<std::string, std::string>> fields;
  };
  using Script = std::function<std::optional<Scripted>(std::map<std::string, std::string>& request)>;

  Task<Result<>> handle(http::Exchange& exchange) override {
    struct Ended {
      Event& event;
      ~Ended() { event.set(); }
    } const ended{request_ended};
    const http::RequestHead& head = exchange.request();
    seen.emplace_back();
    for (const http::Field& field : head.fields.all()) seen.back()[std::string(field.name)] = field.value;
    seen.back()[":target"] = head.target;
    const bool get = head.method == http::Method::get;
    GW_CO_TRY(const std::string body, co_await exchange.read_whole_body(1 << 20));
    seen.back()[":body"] = body;
    seen.back()[":trailers"] = exchange.request_trailers();
    arrived.set();

    if (auto scripted = script ? script(seen.back()) : std::nullopt) {
      exchange.start(scripted->status, std::nullopt);
      exchange.field("Content-Type", scripted->content_type);
      for (const auto& [name, value] : scripted->fields) exchange.field(name, value);
      for (const std::string& part : scripted->parts) GW_CO_TRY_OK(co_await exchange.write(part, http::Last::no));
      co_return co_await exchange.write("", http::Last::yes);
    }
    if (head.path == "/sse") {
      exchange.start(200, std::nullopt);
      exchange.field("Content-Type", "text/event-stream");
      GW_CO_TRY_OK(co_await exchange.write(
          "event: endpoint\ndata: /message?sessionId=known-upstream-only\n\ndata: 1\n\n", http::Last::no));
      co_await finish;
      co_return co_await exchange.write("", http::Last::yes);
    }
    if (get) {
      exchange.start(200, std::nullopt);
      exchange.field("Content-Type", "text/event-stream");
      GW_CO_TRY_OK(co_await exchange.write("data: first\n\n", http::Last::no));
      co_await finish;
      co_return co_await exchange.write("data: last\n\n", http::Last::yes);
    }
    exchange.start(status, std::nullopt);
    exchange.field("Content-Type", "application/json");
    exchange.field("Set-Cookie", "a=b");
    exchange.field("WWW-Authenticate", "Bearer resource_metadata=\"http://upstream\"");
    exchange.field("X-Custom", "kept");
    exchange.field("Access-Control-Allow-Origin", "*");
    if (body.find("initialize") != std::string::npos) exchange.field("Mcp-Session-Id", session_);
    co_return co_await exchange.write(body, http::Last::yes);
  }

  int status = 200;
  Script script;  // Nothing: the answers below.
  std::shared_ptr<net::InprocListener> listener;
  std::vector<std::map<std::string, std::string>> seen;
  Event arrived;
  Event finish;
  Event request_ended;

 private:
  std::string session_;
  http::ServerCounters counters_;
  http::Server server_{*Loop::current(), *this, {}, counters_};
};

inline std::shared_ptr<const session::Keyring> shared_keys() {
  static const auto keys = std::make_shared<const session::Keyring>(session::Keyring::generate());
  return keys;
}

struct NoKeys final : auth::KeyRefresh {
  Task<auth::StatePtr> newer_keys(Loop&, std::string, std::uint64_t) override { co_return nullptr; }
};

inline identity::PrincipalPtr person(std::string user, std::vector<std::string> roles = {}) {
  return std::make_shared<const identity::Principal>(
      identity::Principal{.method = identity::Method::token, .user = std::move(user), .roles = std::move(roles)});
}

// A gateway of one worker in memory. Two of them share keys, like a gateway before and after its restart. Who asks is
// said by the field X-Test-User, which names one of `people`; without it nobody is asked who he is.
struct Gateway {
  struct Front final : http::Service {
    explicit Front(Gateway& g) : gateway(g) {}
    Task<Result<>> handle(http::Exchange& exchange) override {
      const std::string user(exchange.request().fields.get("X-Test-User"));
      exchange.caller = gateway.people.at(user);
      co_return co_await gateway.proxy.handle(exchange);
    }
    Gateway& gateway;
  };

  BlockingPool blocking{1};
  net::Resolver resolver{blocking};
  upstream::PoolCounters pool_counters;
  upstream::Pool pool{resolver, {}, pool_counters};
  routing::RouteTable routes;
  Counters counters;
  NoKeys refresh;
  limits::Limiter limiter;
  access::Counters access_counters;
  audit::Trail* trail;
  auth::IdentityKey identity_key = *auth::IdentityKey::load_or_create(::testing::TempDir() + "/identity.jwk");
  access::Access access{*Loop::current(), refresh, limiter, trail, identity_key, access_counters};
  ToolHints hints;
  Proxy proxy;
  Front front{*this};
  http::ServerCounters server_counters;
  http::Server server{*Loop::current(), front, {}, server_counters};

  access::Settings settings{.auth = std::make_shared<auth::State>(), .origin = "https://gw.example"};
  std::map<std::string, identity::PrincipalPtr> people{
      {"", std::make_shared<const identity::Principal>(identity::Principal{.roles = {"mcp.admin"}})},
      {"alice", person("alice")},
      {"bob", person("bob")}};

  explicit Gateway(ProxyOptions options = {}, audit::Trail* records = nullptr)
      : trail(records), proxy(routes, pool, session::Sealer(shared_keys()), access, hints, options, counters) {
    apply();
  }

  void apply() { access.apply(std::make_shared<const access::Settings>(settings)); }
  void set_rules(policy::Rules rules) {
    auto compiled = policy::Policy::compile(rules);
    ASSERT_TRUE(compiled) << compiled.error().front().message;
    settings.policy = *std::move(compiled);
    apply();
  }
  void set_limits(const limits::Rules& rules) {
    ASSERT_TRUE(limits::Limiter::check(rules).empty());
    limiter.apply(rules);
  }

  // A route that everybody may use.
  static routing::AdapterRoute route_of(const std::string& name, std::vector<routing::Endpoint> endpoints) {
    routing::AdapterRoute route;
    route.name = name;
    route.uid = "uid-" + name;
    route.ownership.required_roles = {std::string(identity::everybody)};
    route.endpoints = std::move(endpoints);
    return route;
  }
  void set(routing::AdapterRoute route) {
    routes.apply({.set = {std::make_shared<const routing::AdapterRoute>(std::move(route))}});
  }
  void set(const std::string& name, std::vector<routing::Endpoint> endpoints, std::string extra = "") {
    routing::AdapterRoute route = route_of(name, std::move(endpoints));
    route.extra_fields = std::move(extra);
    set(std::move(route));
  }
  std::unique_ptr<net::Stream> connect(std::string address = "192.0.2.1") {
    auto [near, far] = testing::stream_pair();
    server.serve(std::move(far), {.address = std::move(address)});
    return std::move(near);
  }
  Task<std::string> ask(std::string request, std::string address = "192.0.2.1") {
    auto client = connect(std::move(address));
    co_await send(*client, std::move(request));
    co_return co_await receive_all(*client);
  }
};

inline routing::Endpoint endpoint(const Upstream& upstream, std::string id) {
  return {.id = std::move(id), .inproc = upstream.listener, .host = "upstream", .path = "/mcp", .sse_path = "/sse"};
}

inline std::string post(std::string_view body, std::string_view fields = "",
                        std::string_view path = "/adapters/a/mcp") {
  return fmt::format("POST {} HTTP/1.1\r\nHost: gw\r\nContent-Length: {}\r\nConnection: close\r\n{}\r\n{}", path,
                     body.size(), fields, body);
}

inline std::string field_of(const std::string& answer, const std::string& name) {
  const auto at = answer.find("\r\n" + name + ": ");
  if (at == std::string::npos) return {};
  const auto begin = at + name.size() + 4;
  return answer.substr(begin, answer.find("\r\n", begin) - begin);
}

inline std::string as(std::string_view user) {
  return fmt::format("X-Test-User: {}\r\n", user);
}

inline int status_of(const std::string& answer) {
  return answer.size() < 12 ? 0 : std::stoi(answer.substr(9, 3));
}

// The body of an answer, without the framing of chunks.
inline std::string body_of(const std::string& answer) {
  const auto at = answer.find("\r\n\r\n");
  if (at == std::string::npos) return {};
  std::string rest = answer.substr(at + 4);
  if (field_of(answer, "Transfer-Encoding") != "chunked") return rest;
  std::string body;
  while (true) {
    const std::size_t size = std::stoul(rest, nullptr, 16);
    const auto begin = rest.find("\r\n") + 2;
    if (size == 0) return body;
    body += rest.substr(begin, size);
    rest.erase(0, begin + size + 2);
  }
}

inline std::string call(std::string_view method, std::string_view params, std::string_view id = "7") {
  return fmt::format(R"({{"jsonrpc":"2.0","id":{},"method":"{}","params":{}}})", id, method, params);
}

inline policy::Rule deny(policy::Match match) {
  return {.name = "rule", .effect = policy::Effect::deny, .match = std::move(match), .scopes = {}};
}

inline policy::Rules rules_of(std::vector<policy::Rule> rules) {
  for (std::size_t i = 0; i < rules.size(); ++i) rules[i].name += std::to_string(i);
  return {.otherwise = policy::Effect::allow, .rules = std::move(rules)};
}

}  // namespace gw::proxy
