// One operation of an OpenAPI document as a tool.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "openapi/document.h"

namespace gw::openapi {

struct Operation {
  const boost::json::value& path_item;
  const boost::json::value& operation;
  std::string path;                                  // As the document has it.
  std::string method;                                // In capitals.
  std::map<std::string, std::string> credentials{};  // Fields that are no arguments.

  std::string where() const { return method + " " + path; }
};

// The `toolDefinition` of a configuration file for a tool called `name`. Nothing, with the reason among the warnings,
// when the operation cannot be a tool.
std::optional<boost::json::object> import_operation(const Document& document, const Operation& operation,
                                                    std::string_view name, std::vector<std::string>& warnings);

}  // namespace gw::openapi
