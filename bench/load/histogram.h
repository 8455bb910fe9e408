// Counts of durations in log-linear buckets: 64 per power of two, so a reported value is at most 1.6 % too high.
#pragma once

#include <boost/json/fwd.hpp>

#include <array>
#include <cstddef>
#include <cstdint>

#include "bench/common/clock.h"

namespace gw::bench {

class Histogram {
 public:
  // Negative durations count as 0, those above an hour as an hour.
  void add(Nanos duration);

  std::uint64_t count() const { return count_; }
  // The smallest bucket bound that `fraction` (0 to 1) of all durations do not exceed; 0 when there are none.
  Nanos percentile(double fraction) const;
  Nanos max() const { return max_; }

  // Microseconds: {"p50":…,"p90":…,"p99":…,"p99.9":…,"max":…,"count":…,"buckets":[[upper bound, count],…]}, buckets
  // without the empty ones.
  boost::json::object to_json() const;

 private:
  static constexpr int kSubBits = 6;
  static constexpr std::size_t kBuckets = (42 - kSubBits + 1) << kSubBits;  // Up to 2^42 ns: more than an hour.

  static std::size_t bucket_of(std::uint64_t value);
  static std::uint64_t upper_bound(std::size_t bucket);

  std::array<std::uint64_t, kBuckets> buckets_{};
  std::uint64_t count_ = 0;
  Nanos max_ = 0;
};

}  // namespace gw::bench
