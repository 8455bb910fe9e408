// Times of the supervisor.
#pragma once

#include <cstdint>

#include "process/child.h"
#include "runtime/backoff.h"
#include "runtime/time.h"

namespace gw::process {

struct SupervisorOptions {
  Duration start_timeout = std::chrono::seconds(30);  // From the start until connections are accepted.
  Duration drain_timeout = std::chrono::seconds(10);  // How long a process that will be stopped is `draining` first.
  StopGrace stop_grace;
  BackoffOptions backoff;
  Duration stable_after = std::chrono::seconds(60);  // The failures before a run of this length are forgotten.
  std::uint32_t failed_after = 5;                    // Failures in a row from which on the state is `failed`.
};

}  // namespace gw::process
