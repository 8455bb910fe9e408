// Definitions of tools as people read them.
#pragma once

#include <string>
#include <vector>

#include "catalogue/item.h"

namespace gw::cli {

// One line for each: its name and what it does. Lines are cut at `width` columns; 0: never.
std::string tool_table(const std::vector<catalogue::Definition>& tools, std::size_t width);

// Everything that the definition says.
std::string tool_description(const catalogue::Definition& tool);

}  // namespace gw::cli
