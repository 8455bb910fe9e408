// Definitions with a few members changed and every other byte as it came.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "catalogue/item.h"

namespace gw::catalogue {

struct Changes {
  std::string name;         // Of tools and prompts their `name`, of resources their `uri`, of templates `uriTemplate`.
  std::string description;  // Replaced, or added.
  std::map<std::string, bool> annotations;  // Each replaced, or added.
  std::string ui_resource;                  // `_meta.ui.resourceUri`; never added.
};

// Empty members change nothing. `json` is what read_definition() accepted.
std::string with_changes(Kind kind, std::string_view json, const Changes& changes);
// Only the name.
std::string with_name(Kind kind, std::string_view json, std::string_view name);

// The decoded `_meta.ui.resourceUri` of a tool; empty when it has none.
std::string ui_resource_of(std::string_view json);

}  // namespace gw::catalogue
