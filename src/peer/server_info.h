// What is known of the server behind an adapter.
#pragma once

#include <memory>
#include <string>

#include "mcp/era.h"

namespace gw::peer {

// How a server wants to be spoken to.
enum class Dialect {
  modern,  // Streamable HTTP without sessions.
  legacy,  // Streamable HTTP with a handshake.
  sse,     // HTTP+SSE of 2024-11-05.
};
std::string_view to_string(Dialect dialect);

// As the server said it in its answer to server/discover or initialize. Raw JSON but for the version.
struct ServerInfo {
  Dialect dialect = Dialect::legacy;
  std::string version;              // The revision that is spoken.
  std::string capabilities = "{}";  // In the form of its era.
  std::string instructions;         // Decoded; may be empty.
  std::string implementation;       // serverInfo; may be empty.

  bool operator==(const ServerInfo&) const = default;
  mcp::Era era() const { return dialect == Dialect::modern ? mcp::Era::modern : mcp::Era::legacy; }
};
using ServerInfoPtr = std::shared_ptr<const ServerInfo>;

}  // namespace gw::peer
