// One HTTP request to a server and its answer.
#pragma once

#include <expected>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "mcp/sse.h"
#include "peer/outbound.h"
#include "runtime/maybe_task.h"

namespace gw::peer {

// All views must outlive the task.
struct HttpRequest {
  const routing::AdapterRoute& route;
  const routing::Endpoint& endpoint;
  std::string_view target;
  std::string_view method = "POST";
  std::string_view fields{};  // "Name: value\r\n" lines besides those that every request has.
  std::string_view session{};
  std::string_view version{};  // MCP-Protocol-Version.
  std::span<const std::string_view> body{};
  Duration waiting{};       // For the head of the answer.
  bool repeatable = false;  // Sent again when an idle connection turned out to be closed.
};

// Why there is no answer.
struct NoAnswer {
  Error error;
  bool sent = true;  // False: the server cannot have seen the request.
};

// An answer whose head has come. Destroying it before its end closes the connection.
class Answer {
 public:
  explicit Answer(upstream::Pool::Lease lease);

  int status() const { return status_; }
  bool is_json() const { return type_ == Type::json; }
  bool is_events() const { return type_ == Type::events; }
  bool ok() const { return status_ >= 200 && status_ < 300; }
  const std::string& session() const { return session_; }  // Mcp-Session-Id.

  // The whole body when all of it has come, else nothing; Errc::too_large when it is more than `max`. Once; valid until
  // the answer is destroyed.
  std::optional<Result<std::string_view>> body_at_hand(std::size_t max);
  // The whole body; a view into `storage` or into the connection, valid until the answer is destroyed.
  Task<Result<std::string_view>> body(std::string& storage, std::size_t max, Duration waiting);
  // The next part of a stream; empty at its end.
  MaybeTask<Result<std::string_view>> part(Duration waiting) { return lease_->read_body(waiting); }

 private:
  enum class Type { json, events, other };
  upstream::Pool::Lease lease_;
  int status_ = 0;
  Type type_ = Type::other;
  std::string session_;
};

Task<std::expected<Answer, NoAnswer>> send(Outbound& outbound, HttpRequest request);

// The error for an answer that holds no JSON-RPC message: "the server answered 503 …".
Error unexpected_answer(const Answer& answer);

// The messages of an answer, JSON or events, one after the other.
class Messages {
 public:
  Messages(Answer answer, std::size_t max_message);

  // The next message; nothing at the end. Valid until the next call.
  MaybeTask<Result<std::optional<std::string_view>>> next(Duration waiting);
  Answer& answer() { return answer_; }
  // Of event streams.
  std::string_view last_event_id() const { return events_ ? std::string_view(events_->last_event_id()) : ""; }
  std::optional<std::uint64_t> retry() const { return events_ ? events_->retry() : std::nullopt; }

 private:
  using Next = Result<std::optional<std::string_view>>;
  Next next_document(const Result<std::string_view>& body);
  Task<Next> wait_for_document(Duration waiting);
  Task<Next> next_event(Duration waiting);

  Answer answer_;
  std::size_t max_message_;
  std::optional<mcp::SseParser> events_;
  std::string storage_;
  std::string_view rest_;  // Of a JSON body.
  bool read_ = false;
};

}  // namespace gw::peer
