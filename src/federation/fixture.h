// For tests: a federation of one worker in memory, and servers that do what they are told.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <set>

#include "catalogue/test_listing.h"
#include "federation/federation.h"
#include "http/server.h"
#include "mcp/json_text.h"
#include "testing/http_wire.h"
#include "testing/run.h"

namespace gw::federation {

using ::testing::HasSubstr;
using ::testing::Not;
using testing::receive_all;
using testing::receive_until;
using testing::send;

using Answer = Result<peer::Outcome>;

inline Answer result(std::string raw) {
  return peer::Outcome{.result = std::move(raw), .failed = {}};
}
inline Answer failure(int code, std::string message, std::string data = {}) {
  return peer::Outcome{.result = {}, .failed = peer::Outcome::Failure{code, std::move(message), std::move(data)}};
}

// One server, or many that all do the same.
class FakeBackends final : public Backends {
 public:
  using Handler = std::function<Task<Answer>(peer::Ask, peer::Events&)>;

  routing::RoutePtr route(std::string_view source) const override {
    const auto it = routes.find(std::string(source));
    return it == routes.end() ? nullptr : it->second;
  }
  std::unique_ptr<peer::Peer> peer(std::string_view source) override {
    return std::make_unique<FakePeer>(*this, std::string(source));
  }
  Task<Result<>> listen(std::string source, peer::Ask, peer::Interest interest, peer::Listener& listener) override {
    struct Ended {
      std::multimap<std::string, peer::Listener*>& listeners;
      peer::Listener* listener;
      ~Ended() {
        std::erase_if(listeners, [this](const auto& entry) { return entry.second == listener; });
      }
    } const ended{listeners, &listener};
    listeners.emplace(source, &listener);
    interests[source] = interest;
    changed.pulse();
    listener.listening(interest);
    Event forever;
    co_await forever;
    co_return Result<>();
  }
  Task<Result<>> notify(std::string source, peer::Ask ask) override {
    notified.push_back(source + ":" + ask.method);
    changed.pulse();
    co_return Result<>();
  }

  void add(const std::string& name, std::string owner = {}) {
    routing::AdapterRoute route;
    route.name = name;
    route.uid = "uid-" + name;
    if (owner.empty()) {
      route.ownership.required_roles = {std::string(identity::everybody)};
    } else {
      route.ownership.created_by = std::move(owner);
    }
    routes[name] = std::make_shared<const routing::AdapterRoute>(std::move(route));
  }

  std::map<std::string, routing::RoutePtr> routes;
  Handler handler = [](peer::Ask, peer::Events&) -> Task<Answer> { co_return result("{}"); };
  std::vector<std::pair<std::string, peer::Ask>> asked;  // Server and request.
  std::multimap<std::string, peer::Listener*> listeners;
  std::map<std::string, peer::Interest> interests;
  std::vector<std::string> notified;
  int abandoned = 0;  // Calls that were destroyed before their answer.
  Event changed;      // Pulsed with every call, and when one is destroyed.

 private:
  struct FakePeer final : peer::Peer {
    FakePeer(FakeBackends& its_backends, std::string its_source)
        : backends(its_backends), source(std::move(its_source)) {}
    Task<Answer> call(const peer::Ask& ask, peer::Events& events) override {
      struct Count {
        FakeBackends& backends;
        bool done = false;
        ~Count() {
          if (!done) ++backends.abandoned;
          if (!done) backends.changed.pulse();
        }
      } count{backends};
      backends.asked.emplace_back(source, ask);
      backends.changed.pulse();
      auto answer = co_await backends.handler(ask, events);
      count.done = true;
      co_return answer;
    }
    FakeBackends& backends;
    const std::string source;
  };
};

inline std::shared_ptr<const session::Keyring> shared_keys() {
  static const auto keys = std::make_shared<const session::Keyring>(session::Keyring::generate());
  return keys;
}

struct NoKeys final : auth::KeyRefresh {
  Task<auth::StatePtr> newer_keys(Loop&, std::string, std::uint64_t) override { co_return nullptr; }
};

inline identity::PrincipalPtr person(std::string user) {
  return std::make_shared<const identity::Principal>(
      identity::Principal{.method = identity::Method::trusted_header, .user = std::move(user)});
}
// Recognizes every person() as long as another gateway may say who asks.
inline auth::StatePtr auth_state(std::vector<auth::Way> pipeline = {auth::Way::trusted_header}) {
  auth::State state;
  state.pipeline = std::move(pipeline);
  return std::make_shared<const auth::State>(std::move(state));
}

inline std::string field_of(const std::string& answer, const std::string& name) {
  const auto at = answer.find("\r\n" + name + ": ");
  if (at == std::string::npos) return {};
  const auto begin = at + name.size() + 4;
  return answer.substr(begin, answer.find("\r\n", begin) - begin);
}
inline int status_of(const std::string& answer) {
  return answer.size() < 12 ? 0 : std::stoi(answer.substr(9, 3));
}
// Without the framing of chunks.
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
// The result of a JSON answer.
inline std::string result_of(const std::string& answer) {
  return std::string(mcp::json_member(body_of(answer), "result"));
}
inline std::string error_of(const std::string& answer) {
  return std::string(mcp::json_member(body_of(answer), "error"));
}

inline std::string request(std::string_view method, std::string_view params = "{}", std::string_view id = "7") {
  return fmt::format(R"({{"jsonrpc":"2.0","id":{},"method":"{}","params":{}}})", id, method, params);
}
inline std::string notification(std::string_view method, std::string_view params = "{}") {
  return fmt::format(R"({{"jsonrpc":"2.0","method":"{}","params":{}}})", method, params);
}

// What every worker shares with another one, or with the gateway after its restart.
struct Common {
  explicit Common(catalogue::FederationOptions its_options = {}) : options(std::move(its_options)) {}
  const catalogue::FederationOptions options;
  Shared shared{Options()};
  limits::Limiter limiter;
};

struct Gateway {
  struct Front final : http::Service {
    explicit Front(Gateway& g) : gateway(g) {}
    Task<Result<>> handle(http::Exchange& exchange) override {
      exchange.caller = gateway.people.at(std::string(exchange.request().fields.get("X-Test-User")));
      exchange.request_id = "request-1";
      co_return co_await gateway.federation.handle(exchange);
    }
    Gateway& gateway;
  };

  explicit Gateway(Common& its_common) : common(its_common) { apply(); }

  Common& common;
  FakeBackends backends;
  Counters counters;
  NoKeys refresh;
  access::Counters access_counters;
  auth::IdentityKey identity_key = *auth::IdentityKey::load_or_create(::testing::TempDir() + "/federation.jwk");
  access::Access access{*Loop::current(), refresh, common.limiter, nullptr, identity_key, access_counters};
  Federation federation{{.access = access,
                         .backends = backends,
                         .shared = common.shared,
                         .sealer = session::Sealer(shared_keys()),
                         .counters = counters}};
  Front front{*this};
  http::ServerCounters server_counters;
  http::Server server{*Loop::current(), front, {}, server_counters};

  access::Settings settings{.auth = auth_state(), .origin = "https://gw.example"};
  std::map<std::string, identity::PrincipalPtr> people{
      {"", std::make_shared<const identity::Principal>(identity::Principal{.roles = {"mcp.admin"}})},
      {"alice", person("alice")},
      {"bob", person("bob")}};
  std::uint64_t generation = 0;

  void apply() { access.apply(std::make_shared<const access::Settings>(settings)); }
  void set_rules(std::vector<policy::Rule> rules) {
    for (std::size_t i = 0; i < rules.size(); ++i) rules[i].name += std::to_string(i);
    auto compiled = policy::Policy::compile({.otherwise = policy::Effect::allow, .rules = std::move(rules)});
    ASSERT_TRUE(compiled) << compiled.error().front().message;
    settings.policy = *std::move(compiled);
    apply();
    federation.reconsider();
  }
  // Adapters that are not known yet are everybody's.
  void offer(const std::vector<catalogue::ListingPtr>& listings, catalogue::MergeOptions options = {},
             const std::vector<catalogue::VirtualServer>& virtual_servers = {}) {
    for (const auto& listing : listings) {
      if (!backends.routes.contains(listing->adapter)) backends.add(listing->adapter);
    }
    federation.apply(
        make_offer(catalogue::merge(listings, options, ++generation), listings, common.options, virtual_servers));
  }

  std::unique_ptr<net::Stream> connect() {
    auto [near, far] = testing::stream_pair();
    server.serve(std::move(far), {.address = "192.0.2.1"});
    return std::move(near);
  }
  Task<std::string> ask(std::string text) {
    auto client = connect();
    co_await send(*client, std::move(text));
    co_return co_await receive_all(*client);
  }
};

inline std::string as(std::string_view user) {
  return fmt::format("X-Test-User: {}\r\n", user);
}

inline std::string post(std::string_view body, std::string_view fields = "", std::string_view path = "/mcp") {
  return fmt::format(
      "POST {} HTTP/1.1\r\nHost: gw\r\nContent-Type: application/json\r\nAccept: application/json, "
      "text/event-stream\r\nContent-Length: {}\r\nConnection: close\r\n{}\r\n{}",
      path, body.size(), fields, body);
}

// A request of the modern era; `params` is an object without _meta.
inline std::string modern(std::string_view method, std::string_view params = "{}", std::string_view fields = "",
                          std::string_view path = "/mcp", std::string_view capabilities = "{}",
                          std::string_view more_meta = "") {
  std::string whole(params);
  whole.pop_back();
  if (whole.size() > 1) whole += ',';
  whole += fmt::format(
      R"("_meta":{{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":{}{}}}}})",
      capabilities, more_meta);
  std::string name = mcp::json_unquote("\"\"");
  for (const std::string_view member : {"name", "uri"}) {
    const std::string_view raw = mcp::json_member(params, member);
    if (mcp::is_json_string(raw)) name = "Mcp-Name: " + mcp::encode_header_value(mcp::json_unquote(raw)) + "\r\n";
  }
  return post(request(method, whole),
              fmt::format("MCP-Protocol-Version: 2026-07-28\r\nMcp-Method: {}\r\n{}{}", method, name, fields), path);
}

// A legacy client in its session.
struct LegacyClient {
  Gateway& gateway;
  std::string fields;  // Who asks.
  std::string path = "/mcp";
  std::string session = {};

  Task<std::string> initialize(std::string_view capabilities = "{}", std::string_view version = "2025-11-25") {
    const std::string params =
        fmt::format(R"({{"protocolVersion":"{}","capabilities":{},"clientInfo":{{"name":"test","version":"1"}}}})",
                    version, capabilities);
    const std::string answer = co_await gateway.ask(post(request("initialize", params, "0"), fields, path));
    session = field_of(answer, "Mcp-Session-Id");
    co_return answer;
  }
  std::string head() const { return fields + "Mcp-Session-Id: " + session + "\r\n"; }
  Task<std::string> ask(std::string method, std::string params = "{}", std::string id = "7") {
    co_return co_await say(request(method, params, id));
  }
  Task<std::string> say(std::string body) { co_return co_await gateway.ask(post(body, head(), path)); }
  std::string http(std::string_view method) const {
    return fmt::format("{} {} HTTP/1.1\r\nHost: gw\r\nAccept: text/event-stream\r\nConnection: close\r\n{}\r\n", method,
                       path, head());
  }
};

inline policy::Rule deny(policy::Match match) {
  return {.name = "rule", .effect = policy::Effect::deny, .match = std::move(match), .scopes = {}};
}

}  // namespace gw::federation
