// Which era a stdio server speaks, found out by asking a process that is used for nothing else: the first message may
// pin a server to an era, and some servers exit when it is not initialize.
#pragma once

#include <optional>
#include <string>

#include "mcp/era.h"
#include "mcp/jsonrpc.h"

namespace gw::stdio {

// The request to send: server/discover with a modern envelope.
std::string era_probe_request();

// What a message of the server says about its era; nothing for messages that are not the answer. A result of
// server/discover and the errors that only modern servers give mean modern, any other answer legacy.
std::optional<mcp::Era> era_of_answer(const mcp::Message& message);

}  // namespace gw::stdio
