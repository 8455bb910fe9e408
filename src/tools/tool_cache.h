// What is known of registered tools besides their routes: their definitions, ready for calls.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <unordered_map>

#include "base/error.h"
#include "jsonschema/schema.h"
#include "model/tool.h"
#include "routing/route.h"

namespace gw::tools {

struct Tool {
  std::shared_ptr<const model::ToolSpec> spec;
  jsonschema::Schema input;
  std::optional<jsonschema::Schema> output;
  bool repeatable = false;  // It says that it is read-only or idempotent.
};
using ToolPtr = std::shared_ptr<const Tool>;

// Errc::invalid with everything that is wrong with the definition.
Result<ToolPtr> compile_tool(std::shared_ptr<const model::ToolSpec> spec);

// Of one worker. Remembers a bounded number of tools by their names.
class ToolCache {
 public:
  // The tool of `route`, which has one.
  Result<ToolPtr> find(const routing::AdapterRoute& route);

 private:
  static constexpr std::size_t max_tools = 4'096;
  std::unordered_map<std::string, ToolPtr> tools_;
};

}  // namespace gw::tools
