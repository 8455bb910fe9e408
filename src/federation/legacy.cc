// Clients of the revisions before 2026-07-28: their sessions, batches and streams.
#include <algorithm>

#include "base/strings.h"
#include "federation/change_stream.h"
#include "federation/front.h"
#include "federation/lists.h"
#include "federation/serve.h"
#include "mcp/json_text.h"
#include "peer/incoming.h"
#include "streamable/answer.h"

namespace gw::federation {
namespace {

using mcp::Kind;
using mcp::Message;
using mcp::Refusal;
using streamable::transport_error;

constexpr int session_not_found = -32001;  // What deployed SDKs use.

Refusal bad_request(std::string why, int code = mcp::code::invalid_request) {
  return {400, code, std::move(why), {}, {}};
}

session::Owner owner_of(const Caller& caller, std::string& uid) {
  uid = caller.server != nullptr ? "server:" + caller.server->name : "mcp";
  return {.adapter_uid = uid, .principal = caller.use.who->user};
}

// The client as its session knows it: the same one for every request that comes the same way.
peer::ClientPtr client_of(const Caller& caller, const identity::PrincipalPtr& who, SessionCache::Known& known) {
  if (known.client == nullptr || known.client->who != who || known.client->address != caller.use.client) {
    known.client = std::make_shared<const peer::Client>(peer::Client{.who = who,
                                                                     .capabilities = known.session->capabilities,
                                                                     .info = known.session->info,
                                                                     .address = caller.use.client,
                                                                     .session = known.session->id});
  }
  return known.client;
}

Refusal unknown_session() {
  return {404, session_not_found, session::unknown_session().message(), {}, {}};
}

}  // namespace

std::expected<void, Refusal> Federation::find_session(const http::Exchange& exchange, Caller& caller) {
  const std::string_view sealed_id = exchange.request().fields.get(http::Name::mcp_session_id);
  if (sealed_id.empty()) {
    return std::unexpected(
        bad_request("The header Mcp-Session-Id is missing: send initialize first.", mcp::code::server_error));
  }
  std::string uid;
  auto opened = worker_.sessions_known.open(sealed_id, owner_of(caller, uid), unix_now());
  if (!opened) return std::unexpected(unknown_session());
  SessionCache::Known& known = **opened;
  const SessionRecordPtr record = worker_.shared.sessions.find(known.session->id);
  if (record->ended) return std::unexpected(unknown_session());
  caller.log_level = record->log_level;
  caller.session = known.session;
  caller.client = client_of(caller, exchange.caller, known);
  return {};
}

Task<Result<>> Federation::serve_legacy(http::Exchange& exchange, std::shared_ptr<Caller> who,
                                        const mcp::MirrorHeaders& headers, const Message& m) {
  Caller& caller = *who;
  if (headers.protocol_version && !mcp::is_legacy_version(*headers.protocol_version)) {
    Refusal refusal = bad_request(
        fmt::format("The revision in the header MCP-Protocol-Version is not supported; {} is the latest that is.",
                    mcp::latest_legacy_version),
        mcp::code::server_error);
    if (m.kind == Kind::request) refusal.id = m.id;
    co_return co_await streamable::answer_refusal(exchange, std::move(refusal));
  }
  if (m.kind == Kind::request && m.method == "initialize") co_return co_await initialize(exchange, caller, m);
  if (const auto found = find_session(exchange, caller); !found) {
    co_return co_await streamable::answer_refusal(exchange, found.error());
  }
  if (m.kind == Kind::batch) {
    if (caller.session->version < "2025-06-18") co_return co_await serve_batch(exchange, std::move(who), m);
    co_return co_await streamable::answer_refusal(exchange,
                                                  bad_request("Invalid request: this revision has no batches."));
  }
  if (m.kind != Kind::request) {
    take_notification(caller, m);
    co_return co_await streamable::answer_accepted(exchange);
  }
  worker_.counters.requests.add();
  if (is_about_item(m.method, caller.era)) co_return co_await serve_call(exchange, std::move(who), m);
  GW_CO_TRY(const bool admitted, co_await admit(exchange, caller, m.method, false));
  if (!admitted) co_return Result<>();
  const Reply reply = answer_here(caller, m);
  co_return co_await exchange.respond(reply.status, "application/json", reply.text);
}

Task<Result<>> Federation::initialize(http::Exchange& exchange, Caller& caller, const Message& m) {
  worker_.counters.requests.add();
  GW_CO_TRY(const bool admitted, co_await admit(exchange, caller, m.method, false));
  if (!admitted) co_return Result<>();
  if (!mcp::is_json_string(m.requested_version)) {
    const Reply reply =
        error_reply(m.id, {mcp::code::invalid_params, "Invalid params: protocolVersion is missing.", {}}, caller.era);
    co_return co_await exchange.respond(reply.status, "application/json", reply.text);
  }
  const std::string requested = mcp::json_unquote(m.requested_version);
  const std::string version = mcp::is_legacy_version(requested) ? requested : std::string(mcp::latest_legacy_version);
  const ClientSession session =
      begin_session(version, m.session_capabilities, mcp::json_member(m.params, "clientInfo"));
  const auto lifetime = std::chrono::duration_cast<std::chrono::seconds>(worker_.options().session_lifetime);
  std::string uid;
  const auto id = seal(worker_.sealer, session, owner_of(caller, uid), unix_now() + lifetime.count());
  if (!id) co_return co_await streamable::answer_refusal(exchange, bad_request(id.error().message()));
  worker_.counters.sessions.add();
  const Reply reply = result_reply(m.id, initialize_result(worker_, caller, version));
  exchange.start(200, reply.text.size());
  exchange.field("Content-Type", "application/json");
  exchange.field("Mcp-Session-Id", *id);
  co_return co_await exchange.write(reply.text, http::Last::yes);
}

void Federation::take_notification(const Caller& caller, const Message& m) {
  const std::string& session = caller.session->id;
  if (m.kind == Kind::response || m.kind == Kind::error_response) {
    worker_.shared.questions.answered(session, m.id, std::string(m.text));
  } else if (m.method == "notifications/cancelled" && !m.request_id.empty()) {
    worker_.shared.calls.cancel(session, m.request_id);
  } else if (m.method == "notifications/roots/list_changed" && running_.size() < worker_.options().max_calls) {
    running_.spawn("federation.notify", tell_servers(worker_, caller, m.method));
  }
}

Task<> Federation::tell_servers(Worker& worker, Caller caller, std::string method) {
  for (const auto& [source, note] : caller.offer->servers) {
    co_await worker.backends.notify(source, {.client = caller.client, .method = method});
  }
}

Reply Federation::set_log_level(const Caller& caller, const Message& m) {
  const std::string level = mcp::is_json_string(m.level) ? mcp::json_unquote(m.level) : std::string();
  if (!peer::log_level_index(level)) {
    return error_reply(m.id, {mcp::code::invalid_params, "Invalid params: level is none of the protocol's.", {}},
                       caller.era);
  }
  worker_.shared.sessions.change(caller.session->id, [&](SessionRecord& record) { record.log_level = level; });
  return result_reply(m.id, "{}");
}

// After prepare() allowed it.
Reply Federation::subscribe(const Caller& caller, const Message& m) {
  const std::size_t most = worker_.options().max_subscriptions;
  bool full = false;
  worker_.shared.sessions.change(caller.session->id, [&](SessionRecord& record) {
    record.subscriptions.insert(mcp::json_unquote(m.uri));
    full = record.subscriptions.size() > most;
    if (full) record.subscriptions.erase(mcp::json_unquote(m.uri));
  });
  if (!full) return result_reply(m.id, "{}");
  const std::string why = fmt::format("A session has at most {} subscriptions.", most);
  return error_reply(m.id, {mcp::code::invalid_params, why, {}}, caller.era);
}

Reply Federation::unsubscribe(const Caller& caller, const Message& m) {
  if (!mcp::is_json_string(m.uri)) {
    return error_reply(m.id, {mcp::code::invalid_params, "Invalid params: uri is missing.", {}}, caller.era);
  }
  worker_.shared.sessions.change(caller.session->id,
                                 [&](SessionRecord& record) { record.subscriptions.erase(mcp::json_unquote(m.uri)); });
  return result_reply(m.id, "{}");
}

Task<Result<>> Federation::serve_batch(http::Exchange& exchange, CallerPtr who, const Message& batch) {
  const Caller& caller = *who;
  if (!caller.may_stream) {
    co_return co_await streamable::answer_refusal(
        exchange, transport_error(406, "The answers to a batch are events: Accept must allow text/event-stream."));
  }
  if (batch.elements.size() > worker_.options().max_batch) {
    co_return co_await streamable::answer_refusal(exchange, bad_request("Invalid request: the batch is too long."));
  }
  std::vector<Message> messages;
  for (const auto element : batch.elements) {
    auto message = mcp::scan(element);
    if (!message) co_return co_await streamable::answer_refusal(exchange, message.error());
    if (message->method == "initialize") {
      co_return co_await streamable::answer_refusal(exchange,
                                                    bad_request("Invalid request: initialize may not be in a batch."));
    }
    messages.push_back(*std::move(message));
  }
  std::vector<CallPtr> calls;
  std::vector<Reply> replies;
  for (const Message& m : messages) {
    if (m.kind != Kind::request) {
      take_notification(caller, m);
      continue;
    }
    worker_.counters.requests.add();
    if (!is_about_item(m.method, caller.era)) {
      GW_CO_TRY(const bool admitted, co_await admit(exchange, caller, m.method, false));
      if (!admitted) co_return Result<>();
      replies.push_back(answer_here(caller, m));
      continue;
    }
    auto call = co_await prepare(exchange, who, m);
    if (!call && !call.error().reply) co_return call.error().given;
    if (call && m.method == "resources/subscribe") {
      replies.push_back(subscribe(caller, m));
    } else if (call) {
      calls.push_back(*std::move(call));
    } else {
      replies.push_back(*std::move(call.error().reply));
    }
  }
  if (calls.empty() && replies.empty()) co_return co_await streamable::answer_accepted(exchange);
  co_return co_await serve_calls(exchange, caller, std::move(calls), std::move(replies));
}

Task<Result<>> Federation::serve_stream(http::Exchange& exchange, Caller& caller) {
  if (!caller.may_stream) {
    co_return co_await streamable::answer_refusal(
        exchange, transport_error(406, "The header Accept must allow text/event-stream."));
  }
  const http::Fields& fields = exchange.request().fields;
  if (mcp::names_modern_version(fields.get(http::Name::mcp_protocol_version))) {
    co_return co_await streamable::answer_wrong_method(exchange, "POST");
  }
  if (const auto found = find_session(exchange, caller); !found) {
    co_return co_await streamable::answer_refusal(exchange, found.error());
  }
  GW_CO_TRY(const bool admitted, co_await admit(exchange, caller, "GET", true));
  if (!admitted) co_return Result<>();
  const auto box =
      std::make_shared<streamable::Mailbox>(streamable::Mailbox::Ends::when_told, worker_.options().max_message);
  ChangeStream changes(worker_, caller, {.tools = true, .prompts = true, .resources = true}, {}, box);
  changes.start();
  co_return co_await streamable::answer_stream(exchange, box, worker_.options().keep_alive_interval);
}

Task<Result<>> Federation::end_session(http::Exchange& exchange, Caller& caller) {
  const http::Fields& fields = exchange.request().fields;
  if (mcp::names_modern_version(fields.get(http::Name::mcp_protocol_version))) {
    co_return co_await streamable::answer_wrong_method(exchange, "POST");
  }
  if (const auto found = find_session(exchange, caller); !found) {
    co_return co_await streamable::answer_refusal(exchange, found.error());
  }
  GW_CO_TRY(const bool admitted, co_await admit(exchange, caller, "DELETE", false));
  if (!admitted) co_return Result<>();
  worker_.shared.sessions.end(caller.session->id);
  worker_.shared.calls.cancel_all(caller.session->id);
  co_return co_await exchange.respond(204, "", "");
}

}  // namespace gw::federation
