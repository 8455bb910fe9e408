// What the federations of all workers have in common.
#pragma once

#include "federation/options.h"
#include "federation/session_memory.h"
#include "federation/under_way.h"

namespace gw::federation {

// Made before the loops run, destroyed after they stopped.
struct Shared {
  explicit Shared(Options given)
      : options(std::move(given)), sessions(options.max_remembered, options.session_lifetime) {}

  const Options options;
  SessionMemory sessions;
  CallTable calls;
  Questions questions;
};

}  // namespace gw::federation
