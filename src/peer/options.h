// Bounds of what the gateway does as a client.
#pragma once

#include <cstddef>
#include <string>

#include "runtime/time.h"

namespace gw::peer {

struct Options {
  std::string name = "mcp-gateway";  // What servers are told about the gateway where a client's own name is not theirs.
  std::string version = "0";
  std::size_t max_message = 32 << 20;  // Bytes of one message of a server.
  std::size_t max_sessions = 10'000;   // Sessions on servers at once, over all workers.
  Duration session_idle_timeout = std::chrono::minutes(30);
  Duration era_lifetime = std::chrono::minutes(10);   // How long the era of a server counts as known.
  Duration probe_timeout = std::chrono::seconds(10);  // For each question that finds it out.
  Duration longest_call = std::chrono::hours(1);      // Where the adapter has no limits.callTimeout.
  Duration longest_retry = std::chrono::seconds(30);  // A `retry` of a server that is longer is not honoured.
  unsigned max_resumptions = 10;                      // Of one call, without anything new in between.
  std::size_t max_background = 1'000;                 // Cancellations and ends of sessions that one worker still sends.
};

}  // namespace gw::peer
