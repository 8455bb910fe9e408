// What the control plane counts, for metrics.
#pragma once

#include "base/counter.h"

namespace gw::control {

// Written on the control loop, read anywhere.
struct Counters {
  Counter adapters;
  Counter adapters_ready;  // With at least one ready endpoint.
  Counter reloads_applied;
  Counter reloads_rejected;
  Counter definitions_changed;
  Counter definitions_quarantined;  // Of pinned adapters, now.
};

}  // namespace gw::control
