// For tests: an MCP server of any dialect that does what it is told, on a real socket of this process, and everything
// that a peer needs to reach it.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <deque>
#include <functional>
#include <map>
#include <set>

#include "base/strings.h"
#include "http/server.h"
#include "mcp/json_text.h"
#include "mcp/jsonrpc.h"
#include "net/acceptor.h"
#include "peer/remote_peer.h"
#include "testing/run.h"

namespace gw::peer {

using http::Last;

struct Received {
  std::string http_method;
  std::string path;
  std::map<std::string, std::string> fields;
  std::string body;
  std::string method;  // Of the JSON-RPC message; empty for answers and requests without a body.
  std::string id;
  std::string params;

  std::string session() const { return fields.contains("Mcp-Session-Id") ? fields.at("Mcp-Session-Id") : ""; }
};

// An open event stream of the server.
class FakeStream {
 public:
  explicit FakeStream(http::Exchange& exchange) : exchange_(exchange) {}
  Task<> open() {
    exchange_.start(200, std::nullopt);
    exchange_.field("Content-Type", "text/event-stream");
    co_await exchange_.write("", Last::no);
  }
  Task<> event(std::string data, std::string id = {}) {
    const std::string text = (id.empty() ? "" : "id: " + id + "\n") + "data: " + data + "\n\n";
    co_await exchange_.write(text, Last::no);
  }
  Task<> raw(std::string text) { co_await exchange_.write(text, Last::no); }
  Task<Result<>> close() { co_return co_await exchange_.write("", Last::yes); }

 private:
  http::Exchange& exchange_;
};

class FakeServer final : public http::Service {
 public:
  // Answers the request; what it does not answer is an empty result.
  using Handler = std::function<Task<Result<>>(http::Exchange&, Received)>;

  explicit FakeServer(Dialect speaks) : dialect(speaks), server_(*Loop::current(), *this, {}, counters_) {
    auto sockets = net::listen_on({"127.0.0.1", 0}, 1);
    address = sockets->bound;
    acceptor_ = std::make_unique<net::Acceptor>(
        *Loop::current(), sockets->fds[0],
        [this](int fd, const net::SocketAddress&) { server_.serve(fd, {.address = "127.0.0.1"}, nullptr); });
  }

  Dialect dialect;
  bool needs_session = true;  // Of a legacy server.
  net::HostPort address;
  std::string capabilities = R"({"tools":{"listChanged":true},"logging":{}})";
  std::string version = "2025-11-25";  // That a legacy server negotiates.
  std::map<std::string, Handler> on;   // By JSON-RPC method, or "GET", "DELETE".
  std::vector<Received> received;
  std::set<std::string> sessions;  // That the server knows.
  int next_session = 1;
  Event changed;  // Pulsed with each request.
  Event stopped;  // Pulsed when the service of a request ends, also by being cut.

  std::size_t count(const std::string& method) const {
    return static_cast<std::size_t>(std::ranges::count_if(received, [&](const Received& r) {
      return r.method == method || (r.method.empty() && r.http_method == method);
    }));
  }
  Task<> until(std::function<bool()> holds) {
    while (!holds()) co_await changed;
  }
  Task<Received> until_received(std::string method, std::size_t times = 1) {
    co_await until([&] { return count(method) >= times; });
    std::size_t nth = 0;
    for (const Received& r : received) {
      if ((r.method == method || (r.method.empty() && r.http_method == method)) && ++nth == times) co_return r;
    }
    co_return Received();
  }

  static Task<Result<>> json(http::Exchange& exchange, int status, std::string body) {
    co_return co_await exchange.respond(status, "application/json", body);
  }
  static Task<Result<>> result(http::Exchange& exchange, Received request, std::string result) {
    const std::string text = mcp::result_response(request.id, result);
    co_return co_await exchange.respond(200, "application/json", text);
  }
  static Task<Result<>> error(http::Exchange& exchange, Received request, int status, int code, std::string message,
                              std::string data = {}) {
    const std::string text = mcp::error_response(request.id, code, message, data);
    co_return co_await exchange.respond(status, "application/json", text);
  }

  // What a legacy server answers to initialize: a new session.
  Task<Result<>> handshake(http::Exchange& exchange, Received r) {
    const std::string session = fmt::format("s-{}", next_session++);
    sessions.insert(session);
    exchange.start(200, std::nullopt);
    exchange.field("Content-Type", "application/json");
    exchange.field("Mcp-Session-Id", session);
    const std::string body = mcp::result_response(
        r.id,
        fmt::format(R"({{"protocolVersion":"{}","capabilities":{},"serverInfo":{{"name":"fake","version":"1"}}}})",
                    version, capabilities));
    co_return co_await exchange.write(body, Last::yes);
  }

  // Takes no more connections, and keeps none that is idle.
  void vanish() {
    acceptor_.reset();
    server_.drain([] {});
  }

  // HTTP+SSE: says something on the stream of a session.
  void say(const std::string& session, const std::string& data) {
    streams_[session].push_back(data);
    spoken_.pulse();
  }
  void hang_up(const std::string& session) {
    sessions.erase(session);
    spoken_.pulse();
  }

 private:
  Task<Result<>> handle(http::Exchange& exchange) override {
    struct Ended {
      Event& event;
      ~Ended() { event.pulse(); }
    } const ended{stopped};
    const http::RequestHead& head = exchange.request();
    Received r;
    r.http_method = head.method_text;
    r.path = head.path;
    for (const http::Field& field : head.fields.all()) r.fields[std::string(field.name)] = field.value;
    const std::string query(head.query);
    GW_CO_TRY(r.body, co_await exchange.read_whole_body(1 << 20));
    if (const auto message = mcp::scan(r.body); !r.body.empty() && message) {
      r.method = message->method;
      r.id = message->id;
      r.params = message->params;
    }
    received.push_back(r);
    changed.pulse();
    if (dialect == Dialect::sse) co_return co_await serve_sse(exchange, r, query);
    if (dialect == Dialect::legacy) co_return co_await serve_legacy(exchange, r);
    co_return co_await serve_modern(exchange, r);
  }

  Task<Result<>> answer(http::Exchange& exchange, Received r) {
    const std::string what = r.http_method == "POST" ? r.method : r.http_method;
    if (const auto handler = on.find(what); handler != on.end()) co_return co_await handler->second(exchange, r);
    if (r.http_method != "POST")
      co_return co_await exchange.respond(r.http_method == "GET" ? 405 : 200, "text/plain", "");
    if (r.id.empty() || r.method.empty()) co_return co_await exchange.respond(202, "text/plain", "");
    co_return co_await result(exchange, r, "{}");
  }

  Task<Result<>> serve_legacy(http::Exchange& exchange, Received r) {
    if (r.method == "initialize" && !on.contains("initialize")) co_return co_await handshake(exchange, r);
    if (!needs_session) co_return co_await answer(exchange, std::move(r));
    if (r.session().empty() && r.method != "initialize") {
      co_return co_await json(exchange, 400,
                              mcp::error_response("null", -32000, "Bad Request: Server not initialized"));
    }
    if (!sessions.contains(r.session()) && r.method != "initialize") {
      co_return co_await json(exchange, 404, mcp::error_response("null", -32001, "Session not found"));
    }
    co_return co_await answer(exchange, std::move(r));
  }

  Task<Result<>> serve_modern(http::Exchange& exchange, Received r) {
    if (r.method == "server/discover" && !on.contains("server/discover")) {
      co_return co_await result(
          exchange, r,
          fmt::format(R"({{"resultType":"complete","supportedVersions":["2026-07-28"],"capabilities":{},"ttlMs":0,)"
                      R"("cacheScope":"private","instructions":"be kind"}})",
                      capabilities));
    }
    if (r.method == "initialize") co_return co_await error(exchange, r, 404, -32601, "no such method");
    co_return co_await answer(exchange, std::move(r));
  }

  Task<Result<>> serve_sse(http::Exchange& exchange, Received r, std::string query) {
    if (r.http_method == "GET") {
      const std::string session = fmt::format("e-{}", next_session++);
      sessions.insert(session);
      FakeStream stream(exchange);
      co_await stream.open();
      co_await stream.raw(fmt::format("event: endpoint\ndata: /message?session={}\n\n", session));
      while (sessions.contains(session)) {
        auto& waiting = streams_[session];
        while (!waiting.empty()) {
          co_await stream.event(waiting.front());
          waiting.pop_front();
        }
        if (sessions.contains(session)) co_await spoken_;
      }
      co_return co_await stream.close();
    }
    const std::string session = query.substr(query.find('=') + 1);
    if (!sessions.contains(session)) co_return co_await exchange.respond(404, "text/plain", "");
    r.fields["session"] = session;
    received.back().fields["session"] = session;
    if (r.method == "initialize") {
      say(session, mcp::result_response(
                       r.id, fmt::format(R"({{"protocolVersion":"2024-11-05","capabilities":{}}})", capabilities)));
    } else if (on.contains(r.method)) {
      co_return co_await on[r.method](exchange, r);
    } else if (!r.id.empty() && !r.method.empty()) {
      say(session, mcp::result_response(r.id, "{}"));
    }
    co_return co_await exchange.respond(202, "text/plain", "");
  }

  http::ServerCounters counters_;
  std::map<std::string, std::deque<std::string>> streams_;
  Event spoken_;
  std::unique_ptr<net::Acceptor> acceptor_;
  http::Server server_;
};

// One loop's way to servers.
struct World {
  BlockingPool blocking{1};
  net::Resolver resolver{blocking};
  upstream::PoolCounters pool_counters;
  upstream::Pool pool{resolver, {}, pool_counters};
  routing::RouteTable routes;
  Counters counters;
  Shared shared;
  Outbound outbound{routes, pool, shared, counters};

  explicit World(Options options = {}) : shared(std::move(options), *Loop::current()) {
    shared.channels.start(outbound);
  }
  ~World() { shared.channels.stop(); }

  static std::shared_ptr<routing::AdapterRoute> route_to(const FakeServer& server, std::string endpoint_id = "e1") {
    auto route = std::make_shared<routing::AdapterRoute>();
    route->name = "a";
    route->uid = "uid-a";
    route->endpoints.push_back({.id = std::move(endpoint_id),
                                .address = server.address,
                                .host = net::to_string(server.address),
                                .path = server.dialect == Dialect::sse ? "" : "/mcp",
                                .sse_path = server.dialect == Dialect::sse ? "/sse" : ""});
    return route;
  }
  void set(const FakeServer& server, std::string endpoint_id = "e1") {
    routes.apply({.set = {route_to(server, std::move(endpoint_id))}});
  }
};

inline ClientPtr client_of(std::string user, std::string capabilities = "{}") {
  auto who = std::make_shared<identity::Principal>();
  who->user = std::move(user);
  auto client = std::make_shared<Client>();
  client->who = std::move(who);
  client->capabilities = std::move(capabilities);
  client->address = "192.0.2.1";
  return client;
}

inline Ask ask_for(std::string method, std::string params = "{}", ClientPtr client = client_of("ann")) {
  Ask ask;
  ask.client = std::move(client);
  ask.method = std::move(method);
  ask.params = std::move(params);
  return ask;
}

// Notes what comes before an answer; answers the server's requests with `reply`.
struct HeardEvents final : Events {
  std::vector<std::string> notifications;  // "method params"
  std::vector<std::string> requests;
  std::expected<std::string, Declined> reply = "{}";
  Event arrived;
  std::unique_ptr<Event> before_reply;

  Task<Result<>> notification(std::string_view method, std::string_view params) override {
    notifications.push_back(fmt::format("{} {}", method, params));
    arrived.pulse();
    co_return Result<>();
  }
  Task<std::expected<std::string, Declined>> request(std::string_view method, std::string_view params) override {
    requests.push_back(fmt::format("{} {}", method, params));
    arrived.pulse();
    if (before_reply) co_await *before_reply;
    co_return reply;
  }
};

}  // namespace gw::peer
