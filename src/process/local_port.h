// TCP ports on 127.0.0.1 for servers that the gateway starts.
#pragma once

#include <cstdint>

#include "base/error.h"

namespace gw::process {

inline constexpr const char* local_host = "127.0.0.1";

// A port that is free now. Somebody else may take it before the server does: then the server cannot bind it and ends,
// and is started with another one.
Result<std::uint16_t> free_port();

// Whether something accepts connections on the port. Does not block.
bool accepts_connections(std::uint16_t port);

}  // namespace gw::process
