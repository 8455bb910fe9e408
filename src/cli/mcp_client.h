// Requests to an MCP endpoint of a gateway, as a client of the revision 2026-07-28: each stands for itself.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "cli/client.h"
#include "net/resolver.h"
#include "runtime/task.h"

namespace gw::cli {

struct McpEndpoint {
  Target gateway;
  std::string path = "/mcp";  // Encoded.
};

struct McpRequest {
  std::string method;
  std::string members;  // Raw members of `params`, comma-separated, without _meta; may be empty.
  std::string name;     // Of the tool, for Mcp-Name.
  std::vector<std::pair<std::string, std::string>> fields = {};  // Mcp-Param-…
  std::string capabilities = "{}";                               // The client's, raw.
  std::string log_level = {};                                    // Empty: no log messages.
  bool wants_progress = false;
};

// What comes before the answer. `params` is the raw object of the notification.
class McpListener {
 public:
  virtual ~McpListener() = default;
  virtual void progress(std::string_view params) = 0;
  virtual void log_message(std::string_view params) = 0;
};

// The raw `result`. A refusal of the gateway or of the server behind it becomes an error with its words, safe for a
// terminal; a gateway that cannot be reached, one with the remedy. `longest` bounds all of it. Destroying the task
// cancels the request.
Task<Result<std::string>> ask_mcp(net::Resolver& resolver, const McpEndpoint& endpoint, const McpRequest& request,
                                  McpListener& listener, Duration longest);

}  // namespace gw::cli
