// For tests: a control plane over fakes, asked over HTTP.
#pragma once

#include <gtest/gtest.h>

#include <future>

#include <boost/json.hpp>

#include "base/strings.h"
#include "catalogue/test_listing.h"
#include "control/control.h"
#include "control/fake_runtime.h"
#include "http/server.h"
#include "json/json.h"
#include "store/memory_key_store.h"
#include "store/memory_pin_store.h"
#include "store/memory_secret_store.h"
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

// Who asks in tests that do not care: whoever asks a gateway that asks nobody who he is.
inline const identity::Principal everybody{.user = "anonymous", .roles = {"mcp.admin"}};

inline identity::Principal person(std::string user, std::vector<std::string> roles = {}) {
  return {.method = identity::Method::token, .user = std::move(user), .roles = std::move(roles)};
}

// The field in which the internal relay says who asks.
inline std::string caller_field(const identity::Principal& who) {
  return "X-Gateway-Caller: " + identity::to_text(who) + "\r\n";
}

// On the current loop; started unless told otherwise.
struct Gateway {
  explicit Gateway(std::vector<model::AdapterSpec> file = {},
                   std::shared_ptr<const net::EgressRules> egress = nullptr) {
    config::Loaded loaded;
    loaded.servers = std::move(file);
    plane.emplace(Surroundings{.loop = *Loop::current(),
                               .store = store,
                               .keys = key_store,
                               .pins = pin_store,
                               .vault = vault,
                               .blocking = blocking,
                               .processes = processes,
                               .stdio = stdio,
                               .logs = logs,
                               .publisher = publisher,
                               .references = {.env = [](const std::string&) { return std::nullopt; },
                                              .file = [](const std::string&) -> Result<std::string> {
                                                return fail(Errc::not_found, "there is no such file");
                                              },
                                              .secret = [this](const std::string& name) { return vault.find(name); }},
                               .egress = std::move(egress),
                               .metrics = [] { return std::string("up 1\n"); },
                               .figures = [] { return std::map<std::string, std::uint64_t>{{"connections", 3}}; },
                               .tool_trouble = [this](const auto& tool) { return trouble[tool]; },
                               .on_keys = [this](auto all) { keys = std::move(all); },
                               .audit = [this](audit::Record record) -> Result<> {
                                 if (audit_is_full) return fail(Errc::unavailable, "the disk is full");
                                 records.push_back(std::move(record));
                                 return {};
                               },
                               .snapshot = [this] { return snapshot; },
                               .on_pins = [this] { merge(); }},
                  Settings{.version = "1.2.3", .config = std::move(loaded)});
    server.emplace(*Loop::current(), plane->service(), http::ServerOptions{}, http_counters);
  }

  Task<> start() {
    const auto started = co_await plane->start();
    EXPECT_TRUE(started) << started.error().message();
  }

  // As app does it: an adapter offers these definitions now.
  void offer(const std::string& adapter, std::vector<catalogue::Definition> definitions) {
    listings[adapter] = catalogue::listing(adapter, std::move(definitions));
    plane->listed(listings[adapter]);
    merge();
  }
  void merge() {
    std::vector<catalogue::ListingPtr> all;
    for (const auto& [adapter, listing] : listings) all.push_back(listing);
    snapshot = catalogue::merge(all, {.pins = plane->pins()}, ++generation);
  }

  // Once they have done what they were told until now; a loop that is stopped leaves the rest.
  void stop_workers() {
    std::promise<void> done;
    workers.loop(0).post([&done] { done.set_value(); });
    done.get_future().wait();
    workers.stop();
  }

  std::unique_ptr<net::Stream> connect() {
    auto [near, far] = testing::stream_pair();
    server->serve(std::move(far), {.address = "local"});
    return std::move(near);
  }

  // One request of `caller` on a connection of its own. `head` may hold further fields, each with its line end.
  Task<Reply> ask(std::string method, std::string target, std::string body = {}, std::string head = {}) {
    auto stream = connect();
    if (!body.empty()) {
      head += "Content-Length: " + std::to_string(body.size()) + "\r\n";
      if (!head.contains("Content-Type")) head += "Content-Type: application/json\r\n";
    }
    co_await testing::send(*stream, method + ' ' + target + " HTTP/1.1\r\nHost: g\r\nConnection: close\r\n" +
                                        caller_field(caller) + head + "\r\n" + body);
    const std::string text = co_await testing::receive_all(*stream);
    const auto end = text.find("\r\n\r\n");
    Reply reply{.status = std::stoi(text.substr(9, 3)), .head = text.substr(0, end + 2), .body = text.substr(end + 4)};
    co_return reply;
  }

  // The same by somebody else.
  Task<Reply> ask_as(identity::Principal who, std::string method, std::string target, std::string body = {},
                     std::string head = {}) {
    const identity::Principal before = std::exchange(caller, std::move(who));
    Reply reply = co_await ask(std::move(method), std::move(target), std::move(body), std::move(head));
    caller = before;
    co_return reply;
  }

  identity::Principal caller = everybody;
  std::vector<auth::ApiKey> keys;  // As they were told last.
  std::vector<audit::Record> records;
  bool audit_is_full = false;
  std::map<std::string, boost::json::object> trouble;  // Of registered tools.
  std::map<std::string, catalogue::ListingPtr> listings;
  catalogue::SnapshotPtr snapshot;
  std::uint64_t generation = 0;

  store::MemoryStore store;
  store::MemoryKeyStore key_store;
  store::MemoryPinStore pin_store;
  store::MemorySecretStore secret_store;
  BlockingPool blocking{1};
  vault::Vault vault{secret_store, blocking, vault::Cipher(SecretString(std::string(vault::Cipher::key_size, 'k')))};
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
