// From an HTTP answer to a CallToolResult.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "jsonschema/schema.h"

namespace gw::tools {

struct HttpAnswer {
  int status = 200;
  std::string content_type;
  std::string content_encoding;
  std::string body;
};

// The raw JSON of the result. JSON stands in it in the bytes that came: as `structuredContent` where the tool has an
// output schema, which it must satisfy, and as text. Text is text, images and audio are content of their kind, anything
// else is an embedded resource. An answer other than 2xx, and one that breaks its promise, is an `isError` that says
// why.
std::string call_result(std::string_view tool, const HttpAnswer& answer, const jsonschema::Schema* output);

// An `isError` with one text.
std::string error_result(std::string_view sentence);

// "The arguments are not valid: …", all problems at once.
std::string problems_text(std::string_view what, const std::vector<jsonschema::Problem>& problems);

}  // namespace gw::tools
