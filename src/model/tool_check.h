// What is wrong with the definition of a tool: all of it at once.
#pragma once

#include <string_view>
#include <vector>

#include "model/adapter.h"
#include "schema/report.h"

namespace gw::model {

// Fields are named as in the REST API and begin with "toolDefinition". Of `spec`, which has a definition, also its name
// and the headers of its URL are looked at.
std::vector<schema::Problem> check_tool(const AdapterSpec& spec);

// Whether a step of `path` is "." or "..", which would lead to another path. Escaped dots, slashes and backslashes
// count as what they stand for, since proxies and servers decode them.
bool has_dot_step(std::string_view path);

// Bytes of a definition; what is larger is offered by no server (catalogue::DefinitionLimits).
inline constexpr std::size_t largest_definition = 1 << 20;

}  // namespace gw::model
