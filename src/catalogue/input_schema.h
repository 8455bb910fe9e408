// What the gateway takes from the inputSchema of a tool.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.h"

namespace gw::catalogue {

struct InputSchema {
  std::vector<std::string> parameters;  // Names of the properties at the top.
  std::vector<std::pair<std::string, std::string>> mirrored;
  bool is_plain = true;
  std::string mirror_problem;
};

// `raw` is accepted JSON. Errc::invalid when it is no object of type "object", when `properties` at the top is no
// object, and when `type`, `properties`, `x-mcp-header` or a property occurs twice where arguments are described.
// Subschemas are found by the keywords of JSON Schema 2020-12 and draft 7, so that values (`default`, `enum`) are not
// taken for schemas. x-mcp-header: 2026-07-28, Streamable HTTP, "Schema Extension".
Result<InputSchema> read_input_schema(std::string_view raw, std::size_t max_depth);

}  // namespace gw::catalogue
