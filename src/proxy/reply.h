// Answers of the data plane itself, as the JSON-RPC errors that MCP clients understand.
#pragma once

#include <string_view>

#include "base/error.h"
#include "http/service.h"

namespace gw::proxy {

// -32001 is what deployed servers say for an unknown session.
inline constexpr int unknown_session_code = -32001;
inline constexpr int internal_error_code = -32603;
inline constexpr int server_error_code = -32000;

// The status of `error`, and {"jsonrpc":"2.0","error":{…},"id":null} with its sentence. 503 carries Retry-After.
Task<Result<>> respond_error(http::Exchange& exchange, Error error);
Task<Result<>> respond_not_allowed(http::Exchange& exchange, std::string_view allowed);

}  // namespace gw::proxy
