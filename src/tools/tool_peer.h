// A registered tool as something that answers: validates, calls over HTTP, and makes a result of what comes back.
#pragma once

#include <string>

#include "peer/ask.h"
#include "peer/outbound.h"
#include "tools/tool_cache.h"
#include "tools/tool_health.h"

namespace gw::tools {

// Belongs to one loop. Answers `tools/call` only; anything else is a JSON-RPC "method not found".
//
// What the caller can put right (arguments), and what the server answered, is a result, with `isError` where it went
// wrong. That nothing answered is an error: Errc::unavailable, Errc::timeout, Errc::upstream. Another ready endpoint is
// tried when no connection could be made; after that only a tool that says it is read-only or idempotent is sent again,
// with pauses, when no answer or 502, 503 or 504 came, ToolSpec::retries times at most. Destroying the task closes the
// connection.
//
// Whether anything answered is told to the ToolHealth, unless the call was cancelled or the tool has another server by
// then.
class ToolPeer final : public peer::Peer {
 public:
  // `outbound` and `cache` belong to the same loop; they and `health` must outlive this and its tasks. `tool` is the
  // name of a route with a tool.
  ToolPeer(peer::Outbound& outbound, ToolCache& cache, ToolHealth& health, std::string tool)
      : outbound_(outbound), cache_(cache), health_(health), tool_(std::move(tool)) {}

  Task<Result<peer::Outcome>> call(const peer::Ask& ask, peer::Events& events) override;

 private:
  Task<Result<peer::Outcome>> call_tool(const peer::Ask& ask);
  bool is_still(const routing::AdapterRoute& route) const;

  peer::Outbound& outbound_;
  ToolCache& cache_;
  ToolHealth& health_;
  std::string tool_;
};

}  // namespace gw::tools
