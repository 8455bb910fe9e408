// The two kinds of time. Steady time measures waits; wall time is for stamps that people and other machines read.
#pragma once

#include <chrono>
#include <cstdint>

namespace gw {

using Duration = std::chrono::nanoseconds;
using SteadyTime = std::chrono::time_point<std::chrono::steady_clock, Duration>;
using WallTime = std::chrono::time_point<std::chrono::system_clock, std::chrono::milliseconds>;

using PreciseWallTime = std::chrono::time_point<std::chrono::system_clock, std::chrono::microseconds>;

inline constexpr SteadyTime never = SteadyTime::max();

SteadyTime steady_now();
WallTime wall_now();
PreciseWallTime precise_wall_now();

}  // namespace gw
