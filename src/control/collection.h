// Adapters and tools: resources of one name space and one life, each with a collection of its own in the REST API.
#pragma once

#include <array>
#include <string>
#include <string_view>

#include "control/permissions.h"
#include "model/adapter.h"

namespace gw::control {

struct Collection {
  Kind kind;
  std::string_view path;  // "/adapters"
  std::string_view noun;  // "adapter"

  bool holds(const model::Adapter& resource) const { return resource.spec.tool.has_value() == (kind == Kind::tool); }
  std::string path_of(std::string_view rest) const { return std::string(path) + std::string(rest); }
  std::string action(std::string_view verb) const { return std::string(noun) + '.' + std::string(verb); }
};

inline constexpr Collection adapters_collection{Kind::adapter, "/adapters", "adapter"};
inline constexpr Collection tools_collection{Kind::tool, "/tools", "tool"};
inline constexpr std::array collections{adapters_collection, tools_collection};

}  // namespace gw::control
