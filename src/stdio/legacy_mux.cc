#include "stdio/legacy_mux.h"

#include <algorithm>

#include <fmt/core.h>

#include "base/check.h"
#include "base/log.h"
#include "mcp/era.h"
#include "mcp/json_text.h"

namespace gw::stdio {
namespace {

using mcp::Kind;
using mcp::Message;
using mcp::Refusal;

constexpr std::size_t max_backlog_messages = 64;
constexpr std::size_t max_backlog_bytes = 1 << 20;

// Methods during which servers may ask their client something.
bool may_ask_back(std::string_view method) {
  return method == "tools/call" || method == "prompts/get" || method == "resources/read" || method == "tasks/result";
}

std::string cancelled_notification(std::string_view child_id) {
  return fmt::format(R"({{"jsonrpc":"2.0","method":"notifications/cancelled","params":{{"requestId":{},"reason":)"
                     R"("the client has gone"}}}})",
                     child_id);
}

Refusal refuse(const Message& m, int status, int code, std::string why) {
  return {status, code, std::move(why), std::string(m.id), {}};
}

}  // namespace

LegacyMux::LegacyMux(ChildPort& child, Sharing sharing) : child_(child), sharing_(sharing) {}
LegacyMux::~LegacyMux() = default;

ClientId LegacyMux::join() {
  GW_CHECK(shared() || clients_.empty());
  const ClientId id = ++last_client_;
  clients_[id].id = id;
  return id;
}

void LegacyMux::leave(ClientId client) {
  while (const auto call = calls_.latest([&](const Call& c) { return c.client == client; })) {
    if (call.call->method != "initialize") child_.send(cancelled_notification(call.child_id));
    calls_.take(std::string(call.child_id))->finish({});
  }
  std::erase_if(asked_, [&](const auto& asked) {
    if (asked.second != client) return false;
    child_.send(mcp::error_response(asked.first, mcp::code::internal_error, "The client has gone."));
    return true;
  });
  if (shared()) drop_client_from_shared(client);
  if (const auto stream = clients_[client].stream.lock()) stream->close();
  clients_.erase(client);
}

void LegacyMux::attach_stream(ClientId id, const std::shared_ptr<Mailbox>& stream) {
  Client& client = clients_.at(id);
  if (const auto earlier = client.stream.lock()) earlier->close();
  client.stream = stream;
  for (std::string& message : client.backlog) stream->put(std::move(message));
  client.backlog.clear();
  client.backlog_bytes = 0;
}

bool LegacyMux::in_use(ClientId client) const {
  const auto& stream = clients_.at(client).stream;
  return !stream.expired() || calls_.count([&](const Call& c) { return c.client == client; }) > 0;
}

std::optional<Refusal> LegacyMux::post(ClientId id, const Message& m, const std::shared_ptr<Mailbox>& answers) {
  Client& client = clients_.at(id);
  switch (m.kind) {
    case Kind::request: return post_request(client, m, answers);
    case Kind::notification: post_notification(client, m); return {};
    default: post_response(client, m); return {};
  }
}

std::optional<Refusal> LegacyMux::post_request(Client& client, const Message& m,
                                               const std::shared_ptr<Mailbox>& answers) {
  if (m.method == "initialize") client.capabilities = m.session_capabilities;
  if (!shared()) return forward(client, m, answers);
  if (m.method == "initialize") {
    initialize_shared(client, m, answers);
    return {};
  }
  if (m.method == "tasks/list") {
    return refuse(m, 200, mcp::code::method_not_found,
                  "The server is shared by several clients, whose tasks are not listed.");
  }
  if (m.method == "logging/setLevel") levels_.set(client.id, m.level);
  if (m.method == "resources/subscribe") subscriptions_.add(client.id, m.uri);
  if (m.method == "resources/unsubscribe" && !subscriptions_.remove(client.id, m.uri)) {
    answers->begin_call();
    answers->put(mcp::result_response(m.id, "{}"));
    answers->end_call();
    return {};
  }
  return forward(client, m, answers);
}

std::optional<Refusal> LegacyMux::forward(Client& client, const Message& m, const std::shared_ptr<Mailbox>& answers) {
  if (calls_.full() || child_.congested()) {
    return refuse(m, 503, mcp::code::internal_error,
                  "The server is too busy: it has not answered or read earlier requests.");
  }
  Call call{.client = client.id,
            .number = ++last_call_,
            .id = std::string(m.id),
            .progress_token = std::string(m.progress_token),
            .method = m.method,
            .answers = answers};
  const std::string child_id = shared() ? std::to_string(call.number) : canonical_id(m.id);
  if (calls_.find(child_id)) {
    return refuse(m, 400, mcp::code::invalid_request,
                  "Invalid request: an earlier request with this id is still in progress.");
  }
  if (!shared()) {
    call.child_token = canonical_id(m.progress_token);
    child_.send(std::string(m.text));
  } else {
    call.child_token = child_id;
    const std::string_view level = m.method == "logging/setLevel" ? levels_.lowest() : std::string_view();
    child_.send(mcp::splice(
        m.text,
        {{m.id, child_id}, {m.progress_token, child_id}, {level.empty() ? std::string_view() : m.level, level}}));
  }
  calls_.add(child_id, std::move(call), *answers);
  return {};
}

void LegacyMux::post_notification(Client& client, const Message& m) {
  if (m.method == "notifications/cancelled") return post_cancelled(client, m);
  if (shared() && (m.method == "notifications/initialized" || m.method == "notifications/roots/list_changed")) return;
  child_.send(std::string(m.text));
}

// The child answers no more what was cancelled, so the call ends here.
void LegacyMux::post_cancelled(Client& client, const Message& m) {
  const std::string id = canonical_id(m.request_id);
  const auto found = calls_.latest([&](const Call& c) { return c.client == client.id && canonical_id(c.id) == id; });
  if (!found || found.call->method == "initialize") return;
  const std::string child_id(found.child_id);
  child_.send(mcp::splice(m.text, {{m.request_id, child_id}}));
  calls_.take(child_id)->finish({});
}

void LegacyMux::post_response(Client& client, const Message& m) {
  const auto asked = asked_.find(canonical_id(m.id));
  if (asked == asked_.end() || asked->second != client.id) return;
  asked_.erase(asked);
  child_.send(std::string(m.text));
}

void LegacyMux::from_child(const Message& m) {
  switch (m.kind) {
    case Kind::request: return request_from_child(m);
    case Kind::notification: return notification_from_child(m);
    default: return response_from_child(m);
  }
}

void LegacyMux::child_gone(std::string_view why) {
  const auto answer = [&](std::string_view id) {
    return mcp::error_response(id, mcp::code::internal_error, fmt::format("The server has ended: {}.", why));
  };
  for (const Waiting& waiting : std::exchange(waiting_, {})) {
    if (const auto box = waiting.answers.lock()) {
      box->put(answer(waiting.id));
      box->end_call();
    }
  }
  while (const auto found = calls_.latest([](const Call&) { return true; })) {
    const auto call = calls_.take(std::string(found.child_id));
    call->finish(answer(call->id));
  }
  for (auto& [id, client] : clients_) {
    if (const auto stream = client.stream.lock()) stream->close();
  }
}

void LegacyMux::response_from_child(const Message& m) {
  const std::string child_id = canonical_id(m.id);
  if (shared() && child_id == own_id("initialize")) return take_initialize_result(m);
  const auto call = calls_.take(child_id);
  if (!call) return log::debug("stdio.unexpected_response", {{"id", m.id}});
  call->finish(call->id == m.id ? std::string(m.text) : mcp::splice(m.text, {{m.id, call->id}}));
}

void LegacyMux::request_from_child(const Message& m) {
  if (m.method == "ping") return child_.send(mcp::result_response(m.id, "{}"));
  std::string refusal;
  Client* const client = client_asked_by_child(m, refusal);
  if (client && deliver(*client, std::string(m.text), Prefer::call)) {
    asked_[canonical_id(m.id)] = client->id;
    return;
  }
  if (refusal.empty()) refusal = "No client is there to answer.";
  const int code = m.method == "elicitation/create" ? mcp::code::invalid_params : mcp::code::method_not_found;
  child_.send(mcp::error_response(m.id, code, refusal));
}

// Who must answer a request of the child; null with the reason for the child.
LegacyMux::Client* LegacyMux::client_asked_by_child(const Message& m, std::string& refusal) {
  if (!shared()) return clients_.empty() ? nullptr : &clients_.begin()->second;
  Client* const client = sole_client_with_calls();
  if (!client) {
    log::warn("stdio.request_without_client", {{"method", m.method}});
    refusal =
        "This server is shared by several clients, and none or more than one has a call in progress that this "
        "request may belong to. Servers that ask their client something should not be shared.";
    return nullptr;
  }
  const auto capability = std::string_view(m.method).substr(0, m.method.find('/'));
  if (!mcp::json_member(client->capabilities, capability).empty()) return client;
  refusal = fmt::format("The client does not support {}.", capability);
  return nullptr;
}

LegacyMux::Client* LegacyMux::sole_client_with_calls() {
  const auto asks = [](const Call& c) { return may_ask_back(c.method); };
  const auto latest = calls_.latest(asks);
  if (!latest) return nullptr;
  const ClientId client = latest.call->client;
  const bool sole = calls_.count([&](const Call& c) { return asks(c) && c.client != client; }) == 0;
  return sole ? &clients_.at(client) : nullptr;
}

void LegacyMux::notification_from_child(const Message& m) {
  if (m.method == "notifications/progress") return progress_from_child(m);
  if (m.method == "notifications/message") return log_from_child(m);
  if (m.method == "notifications/cancelled") {
    const auto asked = asked_.find(canonical_id(m.request_id));
    if (asked == asked_.end()) return;
    Client& client = clients_.at(asked->second);
    asked_.erase(asked);
    deliver(client, std::string(m.text), Prefer::call);
    return;
  }
  broadcast(m);
}

void LegacyMux::progress_from_child(const Message& m) {
  const std::string token = canonical_id(m.progress);
  const auto found = calls_.latest([&](const Call& c) { return !c.child_token.empty() && c.child_token == token; });
  if (found) {
    if (const auto box = found.call->answers.lock())
      box->put(mcp::splice(m.text, {{m.progress, found.call->progress_token}}));
  } else if (!shared()) {
    broadcast(m);  // Of a task, whose call has ended.
  }
}

// Belongs to the client whose call is in flight; where that is not clear, to those who asked for logs.
void LegacyMux::log_from_child(const Message& m) {
  if (!shared()) {
    for (auto& [id, client] : clients_) deliver(client, std::string(m.text), Prefer::call);
    return;
  }
  if (Client* const client = sole_client_with_calls()) {
    if (levels_.wants(client->id, m.level)) deliver(*client, std::string(m.text), Prefer::call);
    return;
  }
  for (auto& [id, client] : clients_) {
    if (levels_.has_set(id) && levels_.wants(id, m.level)) deliver(client, std::string(m.text), Prefer::stream);
  }
}

void LegacyMux::broadcast(const Message& m) {
  const bool about_resource = shared() && m.method == "notifications/resources/updated";
  const auto* const subscribers = about_resource ? subscriptions_.clients_of(m.uri) : nullptr;
  for (auto& [id, client] : clients_) {
    if (about_resource && (!subscribers || !subscribers->contains(id))) continue;
    deliver(client, std::string(m.text), Prefer::stream);
  }
}

bool LegacyMux::deliver(Client& client, std::string message, Prefer prefer) {
  auto first = client.stream.lock();
  auto second = stream_of_latest_call(client);
  if (prefer == Prefer::call) std::swap(first, second);
  if (!first) first = std::move(second);
  if (first) {
    first->put(std::move(message));
    return true;
  }
  if (client.backlog.size() >= max_backlog_messages || client.backlog_bytes + message.size() > max_backlog_bytes)
    return false;
  client.backlog_bytes += message.size();
  client.backlog.push_back(std::move(message));
  return true;
}

std::shared_ptr<Mailbox> LegacyMux::stream_of_latest_call(const Client& client) {
  const auto found = calls_.latest([&](const Call& c) { return c.client == client.id && !c.answers.expired(); });
  return found ? found.call->answers.lock() : nullptr;
}

}  // namespace gw::stdio
