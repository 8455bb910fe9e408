// OpenAPI documents as `tools:` of a configuration file.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace gw::openapi {

struct ImportOptions {
  std::string server;  // Address of the service, instead of what the document says.
  std::string prefix;  // Before the name of every tool.
  std::vector<std::string>
      only;  // Patterns (base/glob.h) for operationIds, names of tools, or "GET /pets"; empty: all.
};

struct Imported {
  std::string yaml;  // A `tools:` section.
  std::size_t tools = 0;
  std::vector<std::string> warnings;  // One sentence for each thing that needs attention or could not be carried over.
};

// `text` is JSON or YAML. Errc::invalid when it is no OpenAPI 3.x document, when nothing says where the service is, or
// when no operation is left. The tools are such that the gateway takes them.
Result<Imported> import_tools(std::string_view text, const ImportOptions& options = {});

}  // namespace gw::openapi
