// Ends sessions that nobody uses any more, on their servers.
#pragma once

#include <memory>

#include "peer/outbound.h"

namespace gw::peer {

// Belongs to the loop of `outbound` (the control loop). Looks every few seconds; sends DELETE for what SessionTable
// gave up, a few at once.
class Reaper {
 public:
  explicit Reaper(Outbound& outbound);
  ~Reaper();
  // Looks now, and completes when what was to be ended has been. For the end of the program and for tests.
  Task<> reap();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace gw::peer
