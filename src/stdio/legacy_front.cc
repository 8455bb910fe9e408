#include "stdio/legacy_front.h"

#include <algorithm>
#include <vector>

#include <fmt/core.h>

#include "http/status.h"
#include "mcp/era.h"
#include "streamable/answer.h"

namespace gw::stdio {
namespace {

using mcp::Kind;
using mcp::Message;
using mcp::Refusal;

constexpr int session_not_found = -32001;  // What deployed SDKs use.

Refusal bad_request(int code, std::string why, std::string_view id = {}) {
  return {400, code, std::move(why), std::string(id), {}};
}

// Why a message cannot be accepted, whatever its session; nothing when it can.
std::optional<Refusal> check(const PostHead& head, const Message& m) {
  if (!head.protocol_version.empty() && !mcp::is_legacy_version(head.protocol_version)) {
    return bad_request(
        mcp::code::server_error,
        fmt::format("The revision in the header MCP-Protocol-Version is not supported; {} is the latest that is.",
                    mcp::latest_legacy_version),
        m.kind == Kind::request ? m.id : std::string_view());
  }
  if (m.kind == Kind::batch && head.protocol_version >= "2025-06-18") {
    return bad_request(mcp::code::invalid_request, "Invalid request: this revision has no batches.");
  }
  return {};
}

// The session that a request names, or the refusal.
std::expected<std::shared_ptr<Session>, Refusal> find_session(SessionTable& sessions, std::string_view id) {
  if (id.empty()) {
    return std::unexpected(
        bad_request(mcp::code::server_error, "The header Mcp-Session-Id is missing: send initialize first."));
  }
  auto session = sessions.find(id);
  if (!session || session->event_stream) return std::unexpected(unknown_session());
  return session;
}

// Posts every message of a batch; whether one is a request.
std::expected<bool, Refusal> post_batch(SessionTable& sessions, const Session& session, const Message& batch,
                                        const std::shared_ptr<streamable::Mailbox>& box) {
  std::vector<Message> messages;
  for (const auto element : batch.elements) {
    auto message = mcp::scan(element);
    if (!message) return std::unexpected(message.error());
    if (message->method == "initialize") {
      return std::unexpected(
          bad_request(mcp::code::invalid_request, "Invalid request: initialize may not be in a batch."));
    }
    messages.push_back(*std::move(message));
  }
  box->begin_call();  // Keeps the box open until all are posted.
  for (const Message& message : messages) {
    if (const auto refusal = sessions.post(session, message, box)) box->put(refusal->body());
  }
  box->end_call();
  return std::any_of(messages.begin(), messages.end(), [](const Message& m) { return m.kind == Kind::request; });
}

}  // namespace

Refusal unknown_session() {
  return {404,
          session_not_found,
          "Session not found: it has ended or never was. Send initialize to start a new one.",
          {},
          {}};
}

Refusal refusal_of(const Error& error, std::string_view id) {
  return {http::status_of(error.code()), mcp::code::server_error, error.message(), std::string(id), {}};
}

Task<Result<>> LegacyFront::post(http::Exchange& exchange, const PostHead& head, const Message& m) {
  if (auto refusal = check(head, m)) co_return co_await streamable::answer_refusal(exchange, *std::move(refusal));
  if (m.kind == Kind::request && m.method == "initialize") co_return co_await initialize(exchange, head, m);
  const auto session = find_session(sessions_, head.session_id);
  if (!session) co_return co_await streamable::answer_refusal(exchange, session.error());
  const auto box =
      std::make_shared<streamable::Mailbox>(streamable::Mailbox::Ends::with_its_calls, options_.max_message);
  if (m.kind == Kind::batch) {
    const auto has_request = post_batch(sessions_, **session, m, box);
    if (!has_request) co_return co_await streamable::answer_refusal(exchange, has_request.error());
    if (!*has_request) co_return co_await streamable::answer_accepted(exchange);
  } else {
    auto refusal = sessions_.post(**session, m, box);
    if (refusal) co_return co_await streamable::answer_refusal(exchange, *std::move(refusal));
    if (m.kind != Kind::request) co_return co_await streamable::answer_accepted(exchange);
  }
  streamable::AnswerStyle style{.keepalive = options_.keepalive, .allow_stream = head.allow_stream};
  co_return co_await streamable::answer_post(exchange, box, std::move(style));
}

// The session exists from here on; when it comes to nothing, because the server refuses, ends, or the client leaves
// before it has the answer, it is closed again.
Task<Result<>> LegacyFront::initialize(http::Exchange& exchange, const PostHead& head, const Message& m) {
  const auto opened = sessions_.open();
  if (!opened) co_return co_await streamable::answer_refusal(exchange, refusal_of(opened.error(), m.id));
  struct Attempt {
    SessionTable& sessions;
    std::shared_ptr<Session> session;
    bool accepted = false;   // By the server.
    bool delivered = false;  // To the client.
    ~Attempt() {
      if (!accepted || !delivered) sessions.close(session);
    }
  } attempt{sessions_, *opened};
  const auto box =
      std::make_shared<streamable::Mailbox>(streamable::Mailbox::Ends::with_its_calls, options_.max_message);
  if (auto refusal = sessions_.post(*attempt.session, m, box)) {
    co_return co_await streamable::answer_refusal(exchange, *std::move(refusal));
  }
  streamable::AnswerStyle style{.keepalive = options_.keepalive, .allow_stream = head.allow_stream};
  style.status = [&attempt](std::string_view) { return attempt.sessions.is_open(*attempt.session) ? 200 : 502; };
  style.session_id = [&attempt](std::string_view answer) {
    const auto message = mcp::scan(answer);
    attempt.accepted = answer.empty() || (message && message->kind == Kind::response);
    return attempt.accepted ? attempt.session->id : std::string();
  };
  const auto answered = co_await streamable::answer_post(exchange, box, std::move(style));
  attempt.delivered = answered.has_value();
  co_return answered;
}

Task<Result<>> LegacyFront::get(http::Exchange& exchange) {
  const auto& fields = exchange.request().fields;
  const auto session = find_session(sessions_, fields.get(http::Name::mcp_session_id));
  if (!session) co_return co_await streamable::answer_refusal(exchange, session.error());
  const auto box = std::make_shared<streamable::Mailbox>(streamable::Mailbox::Ends::when_told, options_.max_message);
  (*session)->child->mux.attach_stream((*session)->client, box);
  co_return co_await streamable::answer_stream(exchange, box, options_.keepalive);
}

Task<Result<>> LegacyFront::end(http::Exchange& exchange) {
  const auto session = find_session(sessions_, exchange.request().fields.get(http::Name::mcp_session_id));
  if (!session) co_return co_await streamable::answer_refusal(exchange, session.error());
  sessions_.close(*session);
  co_return co_await exchange.respond(204, "", "");
}

}  // namespace gw::stdio
