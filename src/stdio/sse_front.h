// The HTTP+SSE transport of 2024-11-05 in front of the sessions: one event stream that carries everything to the
// client, one place to POST to.
#pragma once

#include "http/service.h"
#include "stdio/session_table.h"

namespace gw::stdio {

class SseFront {
 public:
  // `messages_path` is where clients shall POST, relative to the host of the stream.
  SseFront(SessionTable& sessions, const BridgeOptions& options, std::string messages_path)
      : sessions_(sessions), options_(options), messages_path_(std::move(messages_path)) {}

  // GET of the event stream: begins a session, which ends with it.
  Task<Result<>> open(http::Exchange& exchange);
  // POST of a message to the session in the query.
  Task<Result<>> post(http::Exchange& exchange);

 private:
  SessionTable& sessions_;
  const BridgeOptions& options_;
  const std::string messages_path_;
};

}  // namespace gw::stdio
