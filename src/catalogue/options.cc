#include "catalogue/options.h"

#include <algorithm>

#include "base/glob.h"

namespace gw::catalogue {
namespace {

using Names = std::optional<std::vector<std::string>>;

bool fits(const Names& globs, std::string_view text) {
  return !globs || std::ranges::any_of(*globs, [&](const std::string& glob) { return glob_match(glob, text); });
}

const Names& names_for(const VirtualServer& server, Kind kind) {
  switch (kind) {
    case Kind::tool: return server.tools;
    case Kind::prompt: return server.prompts;
    default: return server.resources;
  }
}

bool agrees(const policy::Hints& hints, std::string_view name, bool value) {
  if (name == "readOnlyHint") return hints.read_only == value;
  if (name == "destructiveHint") return hints.destructive == value;
  if (name == "idempotentHint") return hints.idempotent == value;
  return name == "openWorldHint" && hints.open_world == value;
}

}  // namespace

bool offers_meta_tools(const FederationOptions& options) {
  return options.meta_tools || options.tool_threshold > 0 || options.context_budget > 0;
}

MergeOptions merge_options(const FederationOptions& options) {
  MergeOptions made{.prefix_mode = options.prefix_mode, .separator = options.separator};
  for (const OverrideOptions& o : options.overrides) {
    Override change{.adapter = o.server,
                    .hide = o.hide,
                    .rename = o.rename,
                    .description = o.description,
                    .annotations = o.annotations};
    const auto add = [&](Kind kind, const std::string& match) {
      if (match.empty()) return;
      change.kind = kind;
      change.match = match;
      made.overrides.push_back(change);
    };
    add(Kind::tool, o.tool);
    add(Kind::prompt, o.prompt);
    add(Kind::resource, o.resource);
    add(Kind::resource_template, o.resource);
  }
  return made;
}

bool selects(const VirtualServer& server, const Item& item) {
  if (!fits(server.servers, item.adapter) || !fits(names_for(server, item.kind), item.name)) return false;
  const auto is_tag = [&](const std::string& tag) { return std::ranges::find(item.tags, tag) != item.tags.end(); };
  if (server.tags && std::ranges::none_of(*server.tags, is_tag)) return false;
  if (item.kind != Kind::tool) return true;
  return std::ranges::all_of(server.annotations,
                             [&](const auto& hint) { return agrees(item.hints, hint.first, hint.second); });
}

}  // namespace gw::catalogue
