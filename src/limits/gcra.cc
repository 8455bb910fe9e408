#include "limits/gcra.h"

#include <algorithm>

namespace gw::limits {
namespace {

struct Step {
  std::int64_t full_at;  // After a token is taken.
  Duration wait;         // Until that is allowed; zero or less: now.
};

Step step(std::int64_t full_at, const Pace& pace, SteadyTime now) {
  const std::int64_t at = now.time_since_epoch().count();
  const std::int64_t next = std::max(full_at, at) + pace.interval.count();
  return {next, Duration(next - at) - pace.capacity};
}

}  // namespace

Pace pace_of(const Rate& rate, std::uint64_t burst) {
  const auto count = static_cast<std::int64_t>(rate.count);
  const Duration interval((rate.period.count() + count - 1) / count);
  return {interval, interval * static_cast<std::int64_t>(burst == 0 ? rate.count : burst)};
}

Duration Bucket::take(const Pace& pace, SteadyTime now) {
  std::int64_t full_at = full_at_.load(std::memory_order_relaxed);
  while (true) {
    const Step taken = step(full_at, pace, now);
    if (taken.wait > Duration::zero()) return taken.wait;
    if (full_at_.compare_exchange_weak(full_at, taken.full_at, std::memory_order_relaxed)) return Duration::zero();
  }
}

Duration Bucket::wait(const Pace& pace, SteadyTime now) const {
  return std::max(step(full_at_.load(std::memory_order_relaxed), pace, now).wait, Duration::zero());
}

void Bucket::give_back(const Pace& pace) {
  full_at_.fetch_sub(pace.interval.count(), std::memory_order_relaxed);
}

}  // namespace gw::limits
