// A registered tool as something that answers: validates, calls over HTTP, and makes a result of what comes back.
#pragma once

#include <string>

#include "peer/ask.h"
#include "peer/outbound.h"
#include "tools/tool_cache.h"

namespace gw::tools {

// Belongs to one loop. Answers `tools/call` only; anything else is a JSON-RPC "method not found".
//
// What the caller can put right (arguments), and what the server answered, is a result, with `isError` where it went
// wrong. That nothing answered is an error: Errc::unavailable, Errc::timeout, Errc::upstream. Another ready endpoint is
// tried when no connection could be made; after that only a tool that says it is read-only or idempotent is sent again,
// with pauses, when no answer or 502, 503 or 504 came, ToolSpec::retries times at most. Destroying the task closes the
// connection.
class ToolPeer final : public peer::Peer {
 public:
  // `outbound` and `cache` belong to the same loop and must outlive this and its tasks. `tool` is the name of a route
  // with a tool.
  ToolPeer(peer::Outbound& outbound, ToolCache& cache, std::string tool)
      : outbound_(outbound), cache_(cache), tool_(std::move(tool)) {}

  Task<Result<peer::Outcome>> call(const peer::Ask& ask, peer::Events& events) override;

 private:
  Task<Result<peer::Outcome>> call_tool(const peer::Ask& ask);

  peer::Outbound& outbound_;
  ToolCache& cache_;
  std::string tool_;
};

}  // namespace gw::tools
