// The generic cell rate algorithm: a token bucket that is one number, the time when it will be full again.
#pragma once

#include <atomic>
#include <cstdint>
#include <limits>

#include "limits/rules.h"

namespace gw::limits {

// What the rate of a rule comes to.
struct Pace {
  Duration interval{};  // From one token to the next; rounded up, so that the rate is never exceeded.
  Duration capacity{};  // How long an empty bucket takes to be full.

  bool operator==(const Pace&) const = default;
};

// `burst` 0: the count of the rate. The rule was accepted by check_rules().
Pace pace_of(const Rate& rate, std::uint64_t burst);

// Full at first. Thread-safe and without locks. Every `now` is steady time; they may differ a little between threads.
class Bucket {
 public:
  // Takes a token and returns zero, or takes none and returns how long until there is one.
  Duration take(const Pace& pace, SteadyTime now);
  // What take() would return.
  Duration wait(const Pace& pace, SteadyTime now) const;
  // Undoes a take() of just now. Later it would give what time has brought back already.
  void give_back(const Pace& pace);

  SteadyTime full_at() const { return SteadyTime(Duration(full_at_.load(std::memory_order_relaxed))); }

 private:
  std::atomic<std::int64_t> full_at_ = std::numeric_limits<std::int64_t>::min();
};

}  // namespace gw::limits
