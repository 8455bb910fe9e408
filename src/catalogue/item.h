// One thing that a federated server offers.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "policy/policy.h"

namespace gw::catalogue {

enum class Kind { tool, prompt, resource, resource_template };
inline constexpr std::size_t kinds = 4;

// "tools", as the member of list results and the configuration name it.
std::string_view list_member(Kind kind);

// A definition as its server sent it, and the few members of it that the gateway looks at.
struct Definition {
  Kind kind = Kind::tool;
  std::string json;  // The bytes of the item, without blanks around it.
  std::string name;  // Decoded: name of a tool or prompt, `uri`, `uriTemplate`.
  std::string hash;  // SHA-256, lower-case hex, of `json`.
  std::string title;
  std::string description;
  std::vector<std::string> parameters;  // Of tools and prompts: names of their arguments, for the search.
  policy::Hints hints;                  // Of tools.
  // Of tools: arguments that modern requests mirror in Mcp-Param-* (x-mcp-header): JSON pointer to header name.
  std::vector<std::pair<std::string, std::string>> mirrored;
  bool input_schema_is_plain = true;  // No x-mcp-header; most tools.
};

// Errc::invalid with the reason when the item cannot be offered: no name, no object, for tools an inputSchema that is
// not an object of type "object" or has invalid x-mcp-header annotations, unbounded nesting. Union types are fine.
Result<Definition> read_definition(Kind kind, std::string_view json);

// What one adapter brings to the catalogue at present.
struct Listing {
  std::string adapter;
  std::string prefix;             // Of the adapter's configuration; may be empty.
  std::vector<std::string> tags;  // Of the adapter; also its categories and hint, for the meta-tools.
  std::vector<std::string> categories;
  std::string hint;
  std::vector<Definition> definitions;                       // In the server's own order.
  std::vector<std::pair<std::string, std::string>> invalid;  // Name (or position) and why it is not offered.
  std::string capabilities;                                  // Raw JSON of the server's capabilities.
  std::string instructions;
};
using ListingPtr = std::shared_ptr<const Listing>;

}  // namespace gw::catalogue
