// For tests: a control plane over fakes, asked over HTTP.
#pragma once

#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "base/strings.h"
#include "control/control.h"
#include "control/fake_runtime.h"
#include "http/server.h"
#include "json/json.h"
#include "store/memory_store.h"
#include "testing/http_wire.h"
#include "testing/run.h"

namespace gw::control {

struct Reply {
  int status = 0;
  std::string head;
  std::string body;

  std::string field(std::string_view name) const {
    const auto at = head.find("\r\n" + std::string(name) + ": ");
    if (at == std::string::npos) return {};
    const auto start = at + name.size() + 4;
    return head.substr(start, head.find("\r\n", start) - start);
  }
  boost::json::value json() const {
    const auto value = json::parse(body);
    EXPECT_TRUE(value) << body;
    return value ? *value : boost::json::value();
  }
  // The fields that a problem names.
  std::vector<std::string> wrong_fields() const {
    std::vector<std::string> fields;
    const auto document = json();
    const auto* errors = document.as_object().if_contains("errors");
    if (errors == nullptr) return fields;
    for (const auto& error : errors->as_array()) fields.emplace_back(error.at("field").as_string());
    return fields;
  }
};

// On the current loop; started unless told otherwise.
struct Gateway {
  explicit Gateway(std::vector<model::AdapterSpec> file = {},
                   std::shared_ptr<const net::EgressRules> egress = nullptr) {
    config::Loaded loaded;
    loaded.servers = std::move(file);
    plane.emplace(Surroundings{.loop = *Loop::current(),
                               .store = store,
                               .blocking = blocking,
                               .processes = processes,
                               .stdio = stdio,
                               .logs = logs,
                               .publisher = publisher,
                               .references = {.env = [](const std::string&) { return std::nullopt; },
                                              .file = [](const std::string&) -> Result<std::string> {
                                                return fail(Errc::not_found, "there is no such file");
                                              }},
                               .egress = std::move(egress),
                               .metrics = [] { return std::string("up 1\n"); },
                               .figures = [] { return std::map<std::string, std::uint64_t>{{"connections", 3}}; }},
                  Settings{.version = "1.2.3", .config = std::move(loaded)});
    server.emplace(*Loop::current(), plane->service(), http::ServerOptions{}, http_counters);
  }

  Task<> start() {
    const auto started = co_await plane->start();
    EXPECT_TRUE(started) << started.error().message();
  }

  std::unique_ptr<net::Stream> connect() {
    auto [near, far] = testing::stream_pair();
    server->serve(std::move(far), {.address = "local"});
    return std::move(near);
  }

  // One request on a connection of its own. `head` may hold further fields, each with its line end.
  Task<Reply> ask(std::string method, std::string target, std::string body = {}, std::string head = {}) {
    auto stream = connect();
    if (!body.empty()) {
      head += "Content-Length: " + std::to_string(body.size()) + "\r\n";
      if (!head.contains("Content-Type")) head += "Content-Type: application/json\r\n";
    }
    co_await testing::send(
        *stream, method + ' ' + target + " HTTP/1.1\r\nHost: g\r\nConnection: close\r\n" + head + "\r\n" + body);
    const std::string text = co_await testing::receive_all(*stream);
    const auto end = text.find("\r\n\r\n");
    Reply reply{.status = std::stoi(text.substr(9, 3)), .head = text.substr(0, end + 2), .body = text.substr(end + 4)};
    co_return reply;
  }

  store::MemoryStore store;
  BlockingPool blocking{1};
  Workers workers{1};
  routing::RouteTable table;
  routing::RoutePublisher publisher{workers, {&table}};
  FakeRuntime processes{false};
  FakeRuntime stdio{true};
  process::LogBook logs;
  http::ServerCounters http_counters;
  std::optional<ControlPlane> plane;
  std::optional<http::Server> server;
};

inline model::AdapterSpec remote(std::string name, std::string url = "http://127.0.0.1:9/mcp?x=1") {
  model::AdapterSpec spec;
  spec.name = std::move(name);
  spec.url = model::UrlSource{.url = std::move(url)};
  return spec;
}

inline model::AdapterSpec local(std::string name, model::Transport transport = model::Transport::http) {
  model::AdapterSpec spec;
  spec.name = std::move(name);
  spec.command = model::CommandSource{.command = "server"};
  spec.transport = transport;
  return spec;
}

}  // namespace gw::control
