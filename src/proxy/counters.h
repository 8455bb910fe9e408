// What the proxy counts, per worker.
#pragma once

#include <array>

#include "base/counter.h"
#include "runtime/time.h"

namespace gw::proxy {

// Upper bounds in seconds of the first-byte histogram; the last bucket has none.
inline constexpr std::array<double, 12> first_byte_bounds = {0.001, 0.0025, 0.005, 0.01, 0.025, 0.05,
                                                             0.1,   0.25,   0.5,   1.0,  2.5,   10.0};

struct Counters {
  std::array<Counter, 6> responses;  // By class of the status sent: index 2 counts 2xx.
  Counter sessions_opened;
  Counter sessions_unknown;   // Requests with an id that is forged, expired, or whose endpoint is gone.
  Counter upstream_failures;  // Exchanges that the upstream broke.
  Counter router_requests;    // Passed on to routers.
  Counter router_diversions;  // Of these, those for which a router could not be reached and the next was asked.
  Counter cancelled;          // Clients that left before their answer was complete.
  Counter streams_open;       // Event streams being relayed now.
  Counter keepalives;
  Counter bytes_relayed;  // Of response bodies.
  std::array<Counter, first_byte_bounds.size() + 1> first_byte;
  Counter first_byte_nanoseconds;

  void observe_first_byte(Duration taken);
};

}  // namespace gw::proxy
