// How long to wait before the next try.
#pragma once

#include <algorithm>
#include <cstdint>

#include "runtime/time.h"

namespace gw {

struct BackoffOptions {
  Duration first = std::chrono::milliseconds(500);
  Duration longest = std::chrono::seconds(60);
};

// The wait after `failures` (at least 1) in a row: doubled each time up to the longest, of which between a half and all
// is taken, as `random` says, so that what failed together does not try again together.
inline Duration backoff(const BackoffOptions& options, std::uint32_t failures, std::uint64_t random) {
  Duration wait = options.first;
  for (std::uint32_t i = 1; i < failures && wait < options.longest; ++i) wait *= 2;
  wait = std::min(wait, options.longest);
  return wait / 2 + Duration(random % static_cast<std::uint64_t>(wait.count() / 2 + 1));
}

}  // namespace gw
