// From the arguments of a call to an HTTP request.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"
#include "model/tool.h"

namespace gw::tools {

struct CallRequest {
  std::string target;                          // Path and query.
  std::string fields;                          // "Name: value\r\n" lines.
  std::optional<std::string_view> given_body;  // In the caller's text: all of the arguments, or one.
  std::string own_body;                        // The object of those that go nowhere else, in the caller's bytes.

  // JSON; nothing when there is no body.
  std::optional<std::string_view> body() const { return own_body.empty() ? given_body : own_body; }
};

// `target` is where the tool is called (routing::Endpoint::path): path and perhaps a query, with "{name}" for each
// parameter of the path. `arguments` is the raw object, valid JSON in which
// no member occurs twice; it must outlive the request. Errc::invalid with the pointer to it as its field when an
// argument cannot stand where it belongs: in the path, with "." or ".." as a step. Arguments that are null or absent
// are left out; lists become several parameters of a query, elsewhere their items are joined by commas.
//
// Of a method without a body (GET, HEAD), arguments without a place go into the query. Where none is without a place, a
// DELETE has no body and any other method the body "{}".
Result<CallRequest> make_request(const model::ToolSpec& tool, std::string_view target, std::string_view arguments);

}  // namespace gw::tools
