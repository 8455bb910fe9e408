// What an HTTP request asks for before its body is read.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "http/fields.h"
#include "mcp/era.h"

namespace gw::federation {

// The virtual server that the path names, decoded; empty for /mcp. Nothing for paths that are not ours.
std::optional<std::string> server_of_path(std::string_view path);

// The methods that a client may send a request for.
enum class What {
  initialize,
  ping,
  discover,
  list_tools,
  list_prompts,
  list_resources,
  list_templates,
  call,  // Of one item: tools/call, prompts/get, resources/read, completion/complete.
  set_log_level,
  subscribe,
  unsubscribe,
  listen,
};
// Nothing for a method that the era does not have.
std::optional<What> what_of(std::string_view method, mcp::Era era);
// Whether rules of a single server and its item count for it.
bool is_about_item(std::string_view method, mcp::Era era);

}  // namespace gw::federation
