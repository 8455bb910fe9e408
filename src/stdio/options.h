// How one adapter's stdio server is served.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include <fmt/core.h>

#include "runtime/backoff.h"
#include "runtime/time.h"
#include "stdio/legacy_mux.h"

namespace gw::stdio {

struct BridgeOptions {
  std::string name = {};     // Of the instance, for log events: "git/0".
  std::string adapter = {};  // For sentences to clients.
  Sharing sharing = Sharing::exclusive;
  std::uint32_t max_sessions = 100;                   // Legacy sessions at once; 0: no limit.
  Duration idle_timeout = std::chrono::minutes(30);   // Unused sessions, and shared children, end; 0: never.
  std::size_t max_message = 64 << 20;                 // Bytes of one message, either way.
  Duration keepalive = std::chrono::seconds(15);      // Between comments on a silent stream.
  BackoffOptions backoff;                             // Between attempts to start a server that does not start.
  Duration probe_timeout = std::chrono::seconds(15);  // For the answer to the era probe.

  // What clients are told who wait for an answer of a process that ends. `how`: "it exited with status 3".
  std::string ended(std::string_view how) const {
    return fmt::format("adapter '{}': its server has ended before it answered: {}", adapter, how);
  }
};

}  // namespace gw::stdio
