// What the peers of all loops have in common.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <string_view>

#include "peer/channels.h"
#include "peer/era_cache.h"
#include "peer/flights.h"
#include "peer/options.h"
#include "peer/session_table.h"

namespace gw::peer {

// Made and destroyed while no other thread uses it: before the loops run, after they stopped.
struct Shared {
  // `home` is the loop that reads the streams which sessions share: the control loop.
  Shared(Options given, Loop& home) : options(std::move(given)), sessions(options), channels(home) {}

  const Options options;
  EraCache eras;
  SessionTable sessions;
  Flights flights;
  Channels channels;
  std::atomic<std::uint64_t> next_id = 1;  // Of requests to modern servers.

  // A server said on the stream of a call that a list changed ("notifications/tools/list_changed"). Called on any
  // loop; set before the loops run.
  std::function<void(std::string_view adapter, std::string_view method)> on_change;
};

}  // namespace gw::peer
