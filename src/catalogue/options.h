// Federation as it is written in the configuration file.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "catalogue/snapshot.h"

namespace gw::catalogue {

// Exactly one of `tool`, `prompt` and `resource` is given; `resource` is about addresses and templates.
struct OverrideOptions {
  std::string server;
  std::string tool;
  std::string prompt;
  std::string resource;
  bool hide = false;
  std::string rename;
  std::string description;
  std::map<std::string, bool> annotations;

  bool operator==(const OverrideOptions&) const = default;
};

struct FederationOptions {
  PrefixMode prefix_mode = PrefixMode::conditional;
  std::string separator = "_";
  std::uint32_t page_size = 1000;    // 0: everything on one page.
  std::string instructions;          // For clients; before those of the servers.
  bool server_instructions = true;   // Whether those of the servers follow.
  bool meta_tools = false;           // The tools that find tools are listed.
  std::uint32_t tool_threshold = 0;  // With more tools than this, only the meta-tools are; 0: never.
  std::uint32_t context_budget = 0;  // With more estimated tokens than this, likewise; 0: never.
  std::vector<OverrideOptions> overrides;

  bool operator==(const FederationOptions&) const = default;
};

// Whether clients are offered meta-tools at all.
bool offers_meta_tools(const FederationOptions& options);

// Without pins: those are kept by whoever approves.
MergeOptions merge_options(const FederationOptions& options);

// A named selection. An item is in it when all that is given and concerns its kind fits: its adapter, its tags and, for
// its kind, its name. A list that is not given leaves everything in; an empty one nothing.
struct VirtualServer {
  std::string name;  // "name" or "namespace/name".
  std::string description;
  std::string instructions;
  std::optional<std::vector<std::string>> servers;    // Globs on names of adapters.
  std::optional<std::vector<std::string>> tools;      // Globs on names as clients of /mcp see them.
  std::optional<std::vector<std::string>> prompts;    // The same.
  std::optional<std::vector<std::string>> resources;  // Globs on addresses and templates as clients see them.
  std::optional<std::vector<std::string>> tags;       // The adapter has one of them.
  std::map<std::string, bool> annotations;            // Of tools: every hint that is given agrees.

  bool operator==(const VirtualServer&) const = default;
};

bool selects(const VirtualServer& server, const Item& item);

}  // namespace gw::catalogue
