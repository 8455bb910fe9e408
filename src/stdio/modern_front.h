// Streamable HTTP of the modern era in front of a stdio server.
#pragma once

#include "http/service.h"
#include "mcp/era.h"
#include "stdio/modern_server.h"

namespace gw::stdio {

class ModernFront {
 public:
  ModernFront(ModernServer& server, const BridgeOptions& options) : server_(server), options_(options) {}

  // A message that claims the modern era. Closing the response cancels the request. A server without a modern side is
  // said to be one with an error that modern clients do not take for their own, so that they fall back to initialize.
  Task<Result<>> post(http::Exchange& exchange, bool allow_stream, const mcp::MirrorHeaders& headers,
                      const mcp::Message& message);

 private:
  ModernServer& server_;
  const BridgeOptions& options_;
};

}  // namespace gw::stdio
