// YAML 1.2 text as a tree of nodes with places.
#pragma once

#include <expected>
#include <string_view>
#include <vector>

#include "schema/report.h"

namespace gw::config {

struct YamlLimits {
  std::size_t bytes = 4 << 20;
  std::size_t depth = 32;       // Nested lists and objects, aliases expanded.
  std::size_t nodes = 200'000;  // Values, aliases expanded.
};

// One document; an empty text is an empty object. Anchors, aliases and merge keys (<<) are resolved. Refused, as far as
// possible all at once: text that is not UTF-8, tabs in indentation, duplicate keys, keys that are not plain words,
// tags of applications, several documents, and what is past the limits.
std::expected<schema::NodePtr, std::vector<schema::Problem>> parse_yaml(std::string_view text,
                                                                        const YamlLimits& limits = {});

}  // namespace gw::config
