// What is answered from the snapshot alone.
#pragma once

#include "federation/call.h"

namespace gw::federation {

// tools/list and its like.
Reply list_reply(Worker& worker, const Caller& caller, catalogue::Kind kind, const mcp::Message& message);

// Results, raw JSON.
std::string discover_result(Worker& worker, const Caller& caller);
std::string initialize_result(Worker& worker, const Caller& caller, std::string_view version);

}  // namespace gw::federation
