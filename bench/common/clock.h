// Time of one run, in nanoseconds of CLOCK_MONOTONIC: comparable between the processes of one machine.
#pragma once

#include <ctime>

#include <cstdint>
#include <limits>

namespace gw::bench {

using Nanos = std::int64_t;

inline constexpr Nanos kSecond = 1'000'000'000;
inline constexpr Nanos kMillisecond = 1'000'000;
inline constexpr Nanos kNever = std::numeric_limits<Nanos>::max();

inline Nanos now() {
  timespec time;
  ::clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec * kSecond + time.tv_nsec;
}

}  // namespace gw::bench
