// Finding tools among thousands: tools of the gateway's own, and lists that hold no more than a client can use.
#pragma once

#include <string>
#include <string_view>

#include "federation/call.h"

namespace gw::federation {

// Of select_tools.
inline constexpr std::size_t max_selected = 250;

// What tools/list shows to a caller.
struct ToolList {
  ViewPtr view;  // All that it may use; calls go by that.
  // The definitions of the meta-tools, joined; they come first. Empty when they are not offered.
  std::string meta;
  bool everything = true;  // The view follows; else `chosen` does, on one page.
  std::string chosen;      // Definitions, joined.
  std::string hash;        // Two lists with the same hash show the same.
};
// Everything, unless the session selected tools, or there are more than the threshold or the context budget allows.
ToolList tools_shown(Worker& worker, const Caller& caller);

// Whether a request calls a meta-tool that is offered. A server's tool of the same name hides it.
bool is_meta_tool(const Caller& caller, const mcp::Message& message);
// The answer to such a call.
Reply call_meta_tool(Worker& worker, const Caller& caller, const mcp::Message& message);

}  // namespace gw::federation
