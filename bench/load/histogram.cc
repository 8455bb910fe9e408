#include "bench/load/histogram.h"

#include <boost/json.hpp>

#include <algorithm>
#include <bit>
#include <cmath>

namespace gw::bench {
namespace {

constexpr Nanos kLongest = 3600 * kSecond;

double micros(Nanos nanos) {
  return std::round(static_cast<double>(nanos) / 10.0) / 100.0;
}

}  // namespace

// Values below 2^kSubBits have a bucket each; above, the leading kSubBits + 1 bits of the value name the bucket.
std::size_t Histogram::bucket_of(std::uint64_t value) {
  const int shift = std::max(static_cast<int>(std::bit_width(value)) - 1 - kSubBits, 0);
  return (static_cast<std::size_t>(shift) << kSubBits) + (value >> shift);
}

std::uint64_t Histogram::upper_bound(std::size_t bucket) {
  const std::size_t shift = bucket < (2U << kSubBits) ? 0 : (bucket >> kSubBits) - 1;
  const std::uint64_t leading = bucket - (shift << kSubBits);
  return ((leading + 1) << shift) - 1;
}

void Histogram::add(Nanos duration) {
  duration = std::clamp<Nanos>(duration, 0, kLongest);
  ++buckets_[bucket_of(static_cast<std::uint64_t>(duration))];
  ++count_;
  max_ = std::max(max_, duration);
}

Nanos Histogram::percentile(double fraction) const {
  if (count_ == 0) return 0;
  const auto rank =
      std::max<std::uint64_t>(1, static_cast<std::uint64_t>(std::ceil(fraction * static_cast<double>(count_))));
  std::uint64_t seen = 0;
  for (std::size_t i = 0; i < kBuckets; ++i) {
    seen += buckets_[i];
    if (seen >= rank) return std::min(static_cast<Nanos>(upper_bound(i)), max_);
  }
  return max_;
}

boost::json::object Histogram::to_json() const {
  boost::json::array buckets;
  for (std::size_t i = 0; i < kBuckets; ++i) {
    if (buckets_[i] > 0) {
      buckets.push_back(boost::json::array{micros(static_cast<Nanos>(upper_bound(i))), buckets_[i]});
    }
  }
  return {{"count", count_},
          {"p50", micros(percentile(0.5))},
          {"p90", micros(percentile(0.9))},
          {"p99", micros(percentile(0.99))},
          {"p99.9", micros(percentile(0.999))},
          {"max", micros(max_)},
          {"buckets", std::move(buckets)}};
}

}  // namespace gw::bench
