// What the configuration says about /mcp, for as long as the gateway runs; what can change meanwhile is in the Offer.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "runtime/time.h"

namespace gw::federation {

struct Options {
  std::string name = "mcp-gateway";  // What clients are told about the gateway.
  std::string version = "0";
  Duration list_lifetime = std::chrono::seconds(0);  // ttlMs of lists.
  Duration session_lifetime = std::chrono::hours(24);
  Duration keep_alive_interval = std::chrono::seconds(15);
  Duration patience_at_start = std::chrono::seconds(5);  // Of requests that come before the first offer.
  Duration answer_timeout = std::chrono::minutes(10);    // For what a server asks of a client.
  std::size_t max_message = 16 << 20;                    // Bytes of a request.
  std::size_t max_batch = 256;                           // Messages (2025-03-26).
  std::size_t max_calls = 10'000;                        // Of one worker that run although nobody waits for them.
  std::size_t max_remembered = 100'000;                  // Sessions that said more than their id holds.
  std::size_t max_subscriptions = 1'000;                 // Resources of one session or stream.
  std::size_t view_bytes = 64 << 20;                     // Of lists that one worker keeps joined.
};

}  // namespace gw::federation
