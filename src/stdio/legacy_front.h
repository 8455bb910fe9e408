// Streamable HTTP of the legacy era in front of the sessions: what each request means and what it is answered with.
#pragma once

#include <string>

#include "http/service.h"
#include "mcp/jsonrpc.h"
#include "stdio/session_table.h"

namespace gw::stdio {

// What the front needs of a POST's head, copied: the head does not outlive the body.
struct PostHead {
  std::string session_id;        // Mcp-Session-Id
  std::string protocol_version;  // MCP-Protocol-Version
  bool allow_stream = true;      // Accept has text/event-stream.
};

class LegacyFront {
 public:
  LegacyFront(SessionTable& sessions, const BridgeOptions& options) : sessions_(sessions), options_(options) {}

  // A message or batch that is legacy.
  Task<Result<>> post(http::Exchange& exchange, const PostHead& head, const mcp::Message& message);
  Task<Result<>> get(http::Exchange& exchange);
  Task<Result<>> end(http::Exchange& exchange);  // DELETE

 private:
  Task<Result<>> initialize(http::Exchange& exchange, const PostHead& head, const mcp::Message& message);

  SessionTable& sessions_;
  const BridgeOptions& options_;
};

// The answer to a request for a session that is not there.
mcp::Refusal unknown_session();
// The answer when no session could be opened.
mcp::Refusal refusal_of(const Error& error, std::string_view id);

}  // namespace gw::stdio
