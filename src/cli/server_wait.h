// Until the servers of a gateway that has just started can be used.
#pragma once

#include <string>
#include <vector>

#include "cli/client.h"

namespace gw::cli {

// A server whose tools are not there, and why.
struct MissingServer {
  std::string name;
  std::string why;
};

// Waits until each server that contributes to /mcp (of `adapter`, if that is not empty: until it) was listed or has
// failed, at most `longest`.
Task<Result<std::vector<MissingServer>>> wait_for_servers(net::Resolver& resolver, const Target& gateway,
                                                          std::string adapter, Duration longest);

}  // namespace gw::cli
