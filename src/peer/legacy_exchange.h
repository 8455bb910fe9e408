// One request to a legacy server in one of its sessions.
#pragma once

#include <expected>
#include <string>
#include <string_view>

#include "peer/exchange.h"
#include "peer/incoming.h"
#include "peer/request_text.h"

namespace gw::peer {

// Why there is no outcome, and what that means for trying again.
struct Trouble {
  Error error;
  bool accepted = true;        // The server may have seen the request.
  bool lost = false;           // The session is gone.
  int status = 0;              // Of the answer, when it was not a message of the protocol.
  bool other_dialect = false;  // The server does not speak as it was spoken to; what was known about it is forgotten.
};
// Statuses of a server that does not speak the dialect that it was spoken to in.
bool is_foreign(int status);

using Attempt = std::expected<Outcome, Trouble>;

// Streamable HTTP and HTTP+SSE. Everything that it is given must outlive it. Destroying it while the request is under
// way tells the server that it is cancelled.
class LegacyExchange {
 public:
  LegacyExchange(Outbound& outbound, const routing::AdapterRoute& route, SessionPtr session, const Ask& ask,
                 Events& events);
  ~LegacyExchange();
  LegacyExchange(const LegacyExchange&) = delete;
  LegacyExchange& operator=(const LegacyExchange&) = delete;

  // Once. "initialize" is never cancelled.
  Task<Attempt> run(std::string_view method, std::string_view params);
  // The session id that came with the answer.
  const std::string& given_session() const { return given_session_; }

 private:
  Task<Attempt> over_http(const RequestText& text, const routing::Endpoint& endpoint);
  Task<Attempt> over_channel(const RequestText& text, const routing::Endpoint& endpoint);
  Task<Attempt> read(Messages messages, const routing::Endpoint& endpoint);
  Task<Result<Messages>> resume(std::string last_event_id, Duration pause, const routing::Endpoint& endpoint);
  // The outcome when `text` holds the answer, nothing when it was something else.
  MaybeTask<Result<std::optional<Outcome>>> take(std::string_view text);
  Result<std::optional<Outcome>> take_answer(const mcp::Message& message) const;
  Task<Result<std::optional<Outcome>>> take_other(mcp::Message message);
  Result<> serve(const mcp::Message& request);
  Task<> serve_request(std::string id, std::string method, std::string params);
  HttpRequest http_request(const routing::Endpoint& endpoint) const;

  Outbound& outbound_;
  const routing::AdapterRoute& route_;
  const SessionPtr session_;
  const Ask& ask_;
  Events& events_;
  const std::string fields_;
  std::uint64_t id_ = 0;
  bool cancellable_ = false;  // Under way, and the server should know when it is not wanted any more.
  std::string given_session_;
  std::optional<TaskGroup> requests_;  // Of the server; only few send any.
};

// Sends a notification or an answer in a session. Errc::not_found when the server does not know the session.
Task<Result<>> post_in_session(Outbound& outbound, const routing::AdapterRoute& route, const Session& session,
                               std::string_view fields, std::string_view text);

// The version that goes into the header of a session's messages; empty where the revision has none.
std::string_view version_field(const Session& session);

}  // namespace gw::peer
