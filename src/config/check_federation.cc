#include "config/check_federation.h"

#include <algorithm>
#include <array>
#include <map>
#include <set>

#include <fmt/core.h>

#include "base/glob.h"
#include "base/strings.h"

namespace gw::config {
namespace {

using catalogue::FederationOptions;
using catalogue::OverrideOptions;
using catalogue::VirtualServer;
using Problems = std::vector<schema::Problem>;

constexpr std::array<std::string_view, 4> hints{"readOnlyHint", "destructiveHint", "idempotentHint", "openWorldHint"};
constexpr std::size_t longest_separator = 8;
constexpr std::size_t longest_name = 63;

bool is_of(std::string_view text, std::string_view further) {
  return std::ranges::all_of(text, [&](char c) {
    return (c >= '0' && c <= '9') || (ascii_lower(c) >= 'a' && ascii_lower(c) <= 'z') ||
           further.find(c) != std::string_view::npos;
  });
}

void check_hints(const std::map<std::string, bool>& annotations, const std::string& field, Problems& problems) {
  for (const auto& [hint, value] : annotations) {
    if (std::ranges::find(hints, hint) != hints.end()) continue;
    problems.push_back({field,
                        fmt::format("'{}' is not one of readOnlyHint, destructiveHint, idempotentHint, openWorldHint",
                                    printable(hint, 40)),
                        {}});
  }
}

void check_override(const OverrideOptions& change, const std::string& at, Problems& problems) {
  const bool of_resources = !change.resource.empty();
  const int given = !change.tool.empty() + !change.prompt.empty() + of_resources;
  if (given != 1) problems.push_back({at, "give exactly one of tool, prompt and resource", {}});
  if (!change.hide && change.rename.empty() && change.description.empty() && change.annotations.empty()) {
    problems.push_back({at, "it changes nothing: give hide, rename, description or annotations", {}});
  }
  const std::string& match = change.tool.empty() ? change.prompt : change.tool;
  if (!change.rename.empty() && of_resources) {
    problems.push_back({at + ".rename", "resources are known by their addresses, which cannot be renamed", {}});
  } else if (!change.rename.empty() && !is_literal_glob(match)) {
    problems.push_back({at + ".rename",
                        fmt::format("'{}' may fit several items, which cannot all have one name; name one of them",
                                    printable(match, 80)),
                        {}});
  } else if (!is_of(change.rename, "_./-") || change.rename.size() > longest_name) {
    problems.push_back({at + ".rename",
                        fmt::format("'{}' is not a name: use 1 to {} letters, digits, dots, slashes, dashes and "
                                    "underscores",
                                    printable(change.rename, 80), longest_name),
                        {}});
  }
  if (!change.annotations.empty() && change.tool.empty()) {
    problems.push_back({at + ".annotations", "only tools have annotations", {}});
  }
  check_hints(change.annotations, at + ".annotations", problems);
}

bool is_virtual_server_name(std::string_view name) {
  const auto is_part = [](std::string_view part) {
    return !part.empty() && part.size() <= longest_name && is_of(part, "_.-") && part.front() != '.';
  };
  const auto slash = name.find('/');
  if (slash == std::string_view::npos) return is_part(name);
  return is_part(name.substr(0, slash)) && is_part(name.substr(slash + 1));
}

}  // namespace

void check_federation(const FederationOptions& federation, const std::vector<VirtualServer>& virtual_servers,
                      Problems& problems) {
  if (federation.separator.size() > longest_separator || !is_of(federation.separator, "_./-")) {
    problems.push_back({"federation.separator",
                        fmt::format("'{}' cannot stand in the name of a tool: use at most {} letters, digits, dots, "
                                    "slashes, dashes and underscores",
                                    printable(federation.separator, 40), longest_separator),
                        {}});
  }
  for (std::size_t i = 0; i < federation.overrides.size(); ++i) {
    check_override(federation.overrides[i], fmt::format("federation.overrides[{}]", i), problems);
  }
  std::set<std::string> names;
  for (std::size_t i = 0; i < virtual_servers.size(); ++i) {
    const VirtualServer& server = virtual_servers[i];
    const std::string at = fmt::format("virtualServers[{}]", i);
    if (!is_virtual_server_name(server.name)) {
      problems.push_back({at + ".name",
                          fmt::format("'{}' is not a name: use letters, digits, dots, dashes and underscores, with at "
                                      "most one slash after a namespace",
                                      printable(server.name, 80)),
                          {}});
    } else if (!names.insert(server.name).second) {
      problems.push_back({at + ".name", fmt::format("'{}' is already the name of a virtual server", server.name), {}});
    }
    check_hints(server.annotations, at + ".annotations", problems);
  }
}

}  // namespace gw::config
