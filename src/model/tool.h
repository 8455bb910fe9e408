// A registered tool: what turns an adapter, whose server then speaks plain HTTP and no MCP, into one tool under /mcp.
//
// Tools and adapters are resources of one name space and share everything but this (model/adapter.h).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "runtime/time.h"

namespace gw::model {

// Where an argument of the call goes instead of into the body.
struct ToolParameter {
  enum class Place { path, query, header };

  std::string argument;  // Member of the arguments.
  Place in = Place::query;
  std::string name;  // In the URL or the head; empty: as the argument.

  bool operator==(const ToolParameter&) const = default;
};

struct ToolSpec {
  std::string definition;       // Raw JSON: the MCP Tool object as it was declared. Its `name` is the resource's name.
  std::uint16_t port = 443;     // Of an image; a URL or command has its own.
  std::string path = "/score";  // Appended to the server's address; "{name}" stands for a parameter of the path.
  std::string method = "POST";
  std::vector<ToolParameter> parameters;
  std::string body_argument;  // The argument that is the whole body; empty: the object of those not in `parameters`.
  Duration timeout = std::chrono::seconds(100);  // From the call to the end of its answer, retries included.
  std::uint32_t retries =
      2;  // Of tools that say they are read-only or idempotent, when no answer or 502, 503, 504 came.

  bool operator==(const ToolSpec&) const = default;
};

}  // namespace gw::model
