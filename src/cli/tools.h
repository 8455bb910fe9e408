// `mcp-gateway tools`: what the tools commands do. Each writes to the console and returns the exit code.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "cli/commands.h"
#include "cli/tool_session.h"

namespace gw::cli {

struct ToolCallOptions {
  std::string name;
  std::vector<std::string> words;        // key=value and key:=json
  std::optional<std::string> arguments;  // JSON, @file, or - for standard input.
  std::optional<Duration> timeout;       // Of each request. Nothing: as long as the gateway allows.
  std::string log_level;                 // Empty: no messages of the server.
  std::optional<std::filesystem::path> save;
};

// With `words`: those that fit, the best first.
int list_tools(const ToolPlace& place, const std::string& words, Output output, const Console& console);
int inspect_tool(const ToolPlace& place, const std::string& name, Output output, const Console& console);
int call_tool(const ToolPlace& place, const ToolCallOptions& call, Output output, const Console& console);

}  // namespace gw::cli
