// /openapi.json: the REST API described in OpenAPI 3.1, with schemas made from the tables that requests are read with.
#pragma once

#include <string>
#include <vector>

#include "control/api.h"

namespace gw::control {

// The document as text. Besides the REST API it names the MCP endpoints, tagged "mcp".
std::string openapi_text(const std::string& version);

class OpenApi {
 public:
  explicit OpenApi(const std::string& version) : text_(openapi_text(version)) {}

  std::vector<ApiRoute> routes();

 private:
  std::string text_;
};

}  // namespace gw::control
