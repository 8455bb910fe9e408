// The tools of one endpoint, for the commands that list and call them.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "catalogue/item.h"
#include "cli/mcp_client.h"
#include "cli/private_gateway.h"
#include "cli/runner.h"

namespace gw::cli {

// Where the tools are.
struct ToolPlace {
  ClientOptions client;
  std::optional<std::filesystem::path> config;  // Instead of a running gateway.
  std::string virtual_server;                   // Empty: /mcp.
  std::string adapter;                          // Only this one, as itself.
  Duration wait = std::chrono::seconds(10);     // For the servers of `config`.
};

class ToolSession {
 public:
  // Starts what `config` asks for, and says on standard error which of its servers are missing.
  static Result<std::unique_ptr<ToolSession>> open(const ToolPlace& place, const Console& console);

  // Every tool, of all pages, in the order of the endpoint. What is no definition is named on standard error.
  Result<std::vector<catalogue::Definition>> tools();
  // The tools that fit the words, the best first.
  Result<std::vector<catalogue::Definition>> search(const std::string& words);
  // Errc::not_found with names that are near.
  Result<catalogue::Definition> tool(const std::string& name);

  // See ask_mcp(). Errc::cancelled when a signal came.
  Result<std::string> ask(const McpRequest& request, McpListener& listener, Duration longest);
  // Waits; Errc::cancelled when a signal came.
  Result<> pause(Duration wait);

 private:
  ToolSession(const ToolPlace& place, const Console& console);
  Result<> start_gateway();
  Result<std::string> ask_quietly(const McpRequest& request);
  // What the gateway finds when it shows only tools to search with; nothing when it shows all.
  Result<std::vector<catalogue::Definition>> search_there(const std::vector<catalogue::Definition>& shown,
                                                          const std::string& words);
  void add(std::string_view definitions, std::vector<catalogue::Definition>& tools) const;

  const ToolPlace& place_;
  const Console& console_;
  Interrupts interrupts_;
  std::unique_ptr<PrivateGateway> gateway_;  // After the signals are ours, before its first use.
  Runner runner_{&interrupts_};
  McpEndpoint endpoint_;
};

}  // namespace gw::cli
