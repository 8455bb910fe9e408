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

constexpr std::size_t max_asked = 1024;  // Requests of the child that wait for a client.
constexpr std::size_t max_backlog_messages = 64;
constexpr std::size_t max_backlog_bytes = 1 << 20;

std::string cancelled_notification(std::string_view child_id) {
  return fmt::format(R"({{"jsonrpc":"2.0","method":"notifications/cancelled","params":{{"requestId":{},"reason":)"
                     R"("the client has gone"}}}})",
                     child_id);
}

Refusal refuse(const Message& m, int status, int code, std::string why) {
  return {status, code, std::move(why), std::string(m.id), {}};
}

Refusal too_busy(const Message& m) {
  return refuse(m, 503, mcp::code::internal_error,
                "The server is too busy: it has not answered or read earlier requests.");
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
  std::erase_if(queue_, [&](const Queued& queued) {
    if (queued.call.client == client) queued.call.finish({});
    return queued.call.client == client;
  });
  while (const Call* const call = calls_.latest([&](const Call& c) { return c.client == client; })) {
    if (call->method != "initialize") child_.send(cancelled_notification(call->child_id));
    calls_.take(std::string(call->child_id))->finish({});
  }
  std::erase_if(asked_, [&](const auto& asked) {
    if (asked.second != client) return false;
    child_.send(mcp::error_response(asked.first, mcp::code::internal_error, "The client has gone."));
    return true;
  });
  if (shared()) drop_client_from_shared(client);
  if (const auto stream = clients_[client].stream.lock()) stream->close();
  clients_.erase(client);
  begin_queued();
}

void LegacyMux::attach_stream(ClientId id, const std::shared_ptr<streamable::Mailbox>& stream) {
  Client& client = clients_.at(id);
  if (const auto earlier = client.stream.lock()) earlier->close();
  client.stream = stream;
  for (std::string& message : client.backlog) stream->put(std::move(message));
  client.backlog.clear();
  client.backlog_bytes = 0;
}

bool LegacyMux::in_use(ClientId client) const {
  const auto& stream = clients_.at(client).stream;
  const auto waits = [&](const Call& c) { return c.client == client && !c.answers.expired(); };
  return !stream.expired() || calls_.count(waits) > 0;
}

std::optional<Refusal> LegacyMux::post(ClientId id, const Message& m,
                                       const std::shared_ptr<streamable::Mailbox>& answers) {
  Client& client = clients_.at(id);
  switch (m.kind) {
    case Kind::request: return post_request(client, m, answers);
    case Kind::notification: return post_notification(client, m);
    default: post_response(client, m); return {};
  }
}

std::optional<Refusal> LegacyMux::post_request(Client& client, const Message& m,
                                               const std::shared_ptr<streamable::Mailbox>& answers) {
  if (m.method == "initialize") {
    client.capabilities = m.session_capabilities;
    client.can_be_asked = !mcp::json_member(client.capabilities, "sampling").empty() ||
                          !mcp::json_member(client.capabilities, "elicitation").empty();
  }
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

std::optional<Refusal> LegacyMux::forward(Client& client, const Message& m,
                                          const std::shared_ptr<streamable::Mailbox>& answers) {
  if (calls_.size() + queue_.size() >= CallTable::max_calls || child_.congested()) {
    return too_busy(m);
  }
  const std::uint64_t number = ++last_call_;
  const std::string child_id = shared() ? std::to_string(number) : canonical_id(m.id);
  if (calls_.find(child_id)) {
    return refuse(m, 400, mcp::code::invalid_request,
                  "Invalid request: an earlier request with this id is still in progress.");
  }
  Call call{.client = client.id,
            .number = number,
            .id = std::string(m.id),
            .child_id = child_id,
            .progress_token = std::string(m.progress_token),
            .child_token = shared() ? child_id : canonical_id(m.progress_token),
            .method = m.method,
            .turn = client.can_be_asked ? client.id : 0,
            .answers = answers};
  answers->begin_call();
  if (shared() && !may_begin(call)) {
    queue_.push_back({std::move(call), std::string(m.text), steady_now()});
  } else {
    begin(std::move(call), m);
  }
  return {};
}

// `m` is the message of the call.
void LegacyMux::begin(Call call, const Message& m) {
  if (!shared()) {
    child_.send(std::string(m.text));
  } else {
    // The child has one log level: the lowest that was asked for.
    const std::string_view lowest = m.method == "logging/setLevel" ? levels_.lowest() : std::string_view();
    const std::string_view level = lowest.empty() ? std::string_view() : m.level;
    child_.send(mcp::splice(m.text, {{m.id, call.child_id}, {m.progress_token, call.child_token}, {level, lowest}}));
  }
  calls_.add(std::move(call));
}

std::optional<Refusal> LegacyMux::post_notification(Client& client, const Message& m) {
  if (m.method == "notifications/cancelled") {
    post_cancelled(client, m);
    return {};
  }
  if (shared() && (m.method == "notifications/initialized" || m.method == "notifications/roots/list_changed")) {
    return {};
  }
  if (child_.congested()) return too_busy(m);
  child_.send(std::string(m.text));
  return {};
}

// The child answers no more what was cancelled, so the call ends here.
void LegacyMux::post_cancelled(Client& client, const Message& m) {
  const std::string id = canonical_id(m.request_id);
  const auto queued = std::find_if(queue_.begin(), queue_.end(), [&](const Queued& q) {
    return q.call.client == client.id && canonical_id(q.call.id) == id;
  });
  if (queued != queue_.end()) {
    queued->call.finish({});
    queue_.erase(queued);
    return begin_queued();
  }
  const Call* const call =
      calls_.latest([&](const Call& c) { return c.client == client.id && canonical_id(c.id) == id; });
  if (!call || call->method == "initialize") return;
  const std::string child_id = call->child_id;
  child_.send(mcp::splice(m.text, {{m.request_id, child_id}}));
  calls_.take(child_id)->finish({});
  begin_queued();
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
  const auto answer = [&](std::string_view id) { return mcp::error_response(id, mcp::code::internal_error, why); };
  for (const Waiting& waiting : std::exchange(waiting_, {})) {
    if (const auto box = waiting.answers.lock()) {
      box->put(answer(waiting.id));
      box->end_call();
    }
  }
  for (const Queued& queued : std::exchange(queue_, {})) queued.call.finish(answer(queued.call.id));
  while (const Call* const call = calls_.latest([](const Call&) { return true; })) {
    call->finish(answer(call->id));
    calls_.take(std::string(call->child_id));
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
  begin_queued();
}

void LegacyMux::request_from_child(const Message& m) {
  if (m.method == "ping") return child_.send(mcp::result_response(m.id, "{}"));
  std::string refusal;
  Client* const client = client_asked_by_child(m, refusal);
  if (client && asked_.size() < max_asked && deliver(*client, std::string(m.text), Prefer::call)) {
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
        "request may belong to.";
    return nullptr;
  }
  const auto capability = std::string_view(m.method).substr(0, m.method.find('/'));
  if (!mcp::json_member(client->capabilities, capability).empty()) return client;
  refusal = fmt::format("The client does not support {}.", capability);
  return nullptr;
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
  const Call* const call =
      calls_.latest([&](const Call& c) { return !c.child_token.empty() && c.child_token == token; });
  if (call) {
    const auto box = call->answers.lock();
    if (box && !call->progress_token.empty()) box->put(mcp::splice(m.text, {{m.progress, call->progress_token}}));
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

std::shared_ptr<streamable::Mailbox> LegacyMux::stream_of_latest_call(const Client& client) {
  const Call* const call = calls_.latest([&](const Call& c) { return c.client == client.id && !c.answers.expired(); });
  return call ? call->answers.lock() : nullptr;
}

}  // namespace gw::stdio
