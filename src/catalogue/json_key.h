// Member names of raw JSON.
#pragma once

#include <string_view>

#include "mcp/json_text.h"

namespace gw::catalogue {

// Whether `literal`, a string literal with its quotes, is the name `name`.
inline bool is_key(std::string_view literal, std::string_view name) {
  if (literal.find('\\') != std::string_view::npos) return mcp::json_unquote(literal) == name;
  return literal.substr(1, literal.size() - 2) == name;
}

}  // namespace gw::catalogue
