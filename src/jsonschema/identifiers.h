// Identifiers of schemas and references to them.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "jsonschema/document.h"

namespace gw::jsonschema {

// What documents without $id are called within this program.
inline constexpr std::string_view anonymous = "schema:///";

struct Reference {
  std::string uri;       // Absolute, without fragment.
  std::string fragment;  // Decoded.
};

// `text`, seen from the schema whose identifier is `base`. Nothing when it is no URI reference.
std::optional<Reference> resolve(std::string_view base, std::string_view text);

// What a JSON pointer leads to; null when nothing is there.
const Value* follow(const Value& root, std::string_view pointer);

// What $anchor may be.
bool is_anchor(std::string_view text);

}  // namespace gw::jsonschema
