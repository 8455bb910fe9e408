// One adapter replica whose server speaks stdio, as an HTTP service: Streamable HTTP of both eras at /mcp, HTTP+SSE at
// /sse and /messages. Whoever proxies to it treats it like any other server; its session ids are plain random numbers.
#pragma once

#include <cstddef>
#include <functional>
#include <string_view>

#include "http/service.h"
#include "runtime/loop.h"
#include "stdio/child_process.h"
#include "stdio/legacy_front.h"
#include "stdio/modern_front.h"
#include "stdio/modern_server.h"
#include "stdio/options.h"
#include "stdio/session_table.h"
#include "stdio/sse_front.h"

namespace gw::stdio {

inline constexpr std::string_view mcp_path = "/mcp";
inline constexpr std::string_view sse_path = "/sse";
inline constexpr std::string_view messages_path = "/messages";

// Belongs to one loop, as do all exchanges that it answers; they must have ended, or been cancelled, before it is
// destroyed. Destroying it kills its processes.
class Bridge final : public http::Service {
 public:
  // `starter` must outlive this. `on_change` is called from the loop when health() may have changed.
  Bridge(Loop& loop, ChildStarter& starter, const BridgeOptions& options, std::function<void()> on_change = [] {});
  ~Bridge() override;

  Task<Result<>> handle(http::Exchange& exchange) override;

  // Ends all sessions and processes politely; returns when the last process is gone. New requests are answered with
  // 503.
  Task<> shut_down();

  // Where each session has a child of its own: ready, unless the last ones died while they started.
  Health health() const;
  std::size_t sessions() const { return sessions_.size(); }
  std::size_t processes() const { return sessions_.children() + modern_.children(); }

 private:
  Task<Result<>> handle_mcp(http::Exchange& exchange);
  Task<Result<>> post(http::Exchange& exchange);

  const BridgeOptions options_;
  bool shutting_down_ = false;
  SessionTable sessions_;
  ModernServer modern_;
  LegacyFront legacy_front_;
  ModernFront modern_front_;
  SseFront sse_front_;
};

}  // namespace gw::stdio
