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
// "tool", "resourceTemplate": one of them.
std::string_view to_string(Kind kind);
// The reverse.
std::optional<Kind> kind_named(std::string_view name);

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
  // Of tools: arguments that modern requests mirror in Mcp-Param-* (x-mcp-header): JSON pointer into the arguments to
  // what follows "Mcp-Param-".
  std::vector<std::pair<std::string, std::string>> mirrored;
  bool input_schema_is_plain = true;  // No x-mcp-header; most tools.
  // Of tools: what is wrong with their x-mcp-header annotations; mostly empty. `mirrored` is empty when this is not.
  // Lists for modern clients leave such tools out (2026-07-28, Streamable HTTP); to others the annotations mean
  // nothing.
  std::string mirror_problem;
};

struct DefinitionLimits {
  std::size_t max_bytes = 1 << 20;
  std::size_t max_depth = 64;
  std::size_t max_name = 1024;     // Bytes of the name of a tool or prompt.
  std::size_t max_address = 2048;  // Bytes of a `uri` or `uriTemplate`.
};

// Errc::invalid with the reason when the item cannot be offered, because clients that check what they get would refuse
// the whole list: no object in UTF-8, no name, a member of the wrong type, for tools an inputSchema that is not an
// object of type "object", for templates a malformed one; and when two readers may understand it in two ways, because a
// member that matters occurs twice; and past the limits. Union types are fine.
Result<Definition> read_definition(Kind kind, std::string_view json, const DefinitionLimits& limits = {});

// Something in a server's list that is not offered.
struct Invalid {
  std::string name;  // Or its position, "#3".
  std::string why;
  Kind kind = Kind::tool;
};

// What one adapter brings to the catalogue at present.
struct Listing {
  std::string adapter;
  std::string prefix;             // `toolPrefix` of the adapter's configuration; may be empty.
  std::vector<std::string> tags;  // Of the adapter; also its categories and hint, for the meta-tools.
  std::vector<std::string> categories;
  std::string hint;
  std::vector<Definition> definitions;  // In the server's own order.
  std::vector<Invalid> invalid;
  std::string capabilities;  // Raw JSON of the server's capabilities.
  std::string instructions;
  bool complete = true;  // No list failed.
};
using ListingPtr = std::shared_ptr<const Listing>;

}  // namespace gw::catalogue
