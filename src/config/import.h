// Takes over the servers that desktop clients keep in JSON: Claude Desktop and Cursor ("mcpServers"), VS Code
// ("servers" with "inputs", also inside settings).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace gw::config {

struct Imported {
  std::string yaml;  // A `servers:` section that load_text accepts.
  std::size_t servers = 0;
  // One sentence for each thing that was changed, needs attention, or could not be carried over. No secrets.
  std::vector<std::string> warnings;
};

// Comments and trailing commas are tolerated. A server that the gateway could not run is left out with a warning.
// Errc::invalid when the text is not JSON or holds no servers.
Result<Imported> import_servers(std::string_view json);

}  // namespace gw::config
