#include "limits/buckets.h"

#include <algorithm>
#include <functional>
#include <mutex>
#include <vector>

namespace gw::limits {
namespace {

constexpr Duration sweep_interval = std::chrono::minutes(1);

}  // namespace

Buckets::Buckets(std::size_t max)
    : max_per_shard_(std::max<std::size_t>(max / std::tuple_size_v<decltype(shards_)>, 1)) {}

Buckets::Shard& Buckets::shard_of(const std::string& key) {
  return shards_[std::hash<std::string>()(key) % shards_.size()];
}

template <class Use>
auto Buckets::with_bucket(const std::string& key, SteadyTime now, Use use) {
  Shard& shard = shard_of(key);
  if (now < shard.next_sweep.load(std::memory_order_relaxed)) {
    const std::shared_lock lock(shard.mutex);
    if (const auto found = shard.buckets.find(key); found != shard.buckets.end()) return use(found->second);
  }
  const std::unique_lock lock(shard.mutex);
  if (const auto found = shard.buckets.find(key); found != shard.buckets.end()) {
    const auto used = use(found->second);
    sweep(shard, now);
    return used;
  }
  sweep(shard, now);
  return use(shard.buckets[key]);
}

void Buckets::sweep(Shard& shard, SteadyTime now) {
  const bool crowded = shard.buckets.size() >= max_per_shard_;
  if (!crowded && now < shard.next_sweep.load(std::memory_order_relaxed)) return;
  shard.next_sweep.store(now + sweep_interval, std::memory_order_relaxed);
  std::erase_if(shard.buckets, [&](const auto& entry) { return entry.second.full_at() <= now; });
  if (shard.buckets.size() < max_per_shard_) return;

  // A quarter at once, so that a flood of new names does not pay for this each time.
  std::vector<SteadyTime> times;
  for (const auto& [key, bucket] : shard.buckets) times.push_back(bucket.full_at());
  const auto last = times.begin() + static_cast<std::ptrdiff_t>(times.size() / 4);
  std::ranges::nth_element(times, last);
  std::size_t left = times.size() / 4 + 1;
  std::erase_if(shard.buckets,
                [&](const auto& entry) { return entry.second.full_at() <= *last && left > 0 && left--; });
}

std::expected<void, Buckets::Empty> Buckets::take(std::span<const Charge> charges, SteadyTime now) {
  for (std::size_t i = 0; i < charges.size(); ++i) {
    const auto& [key, pace] = charges[i];
    const Duration wait = with_bucket(key, now, [&](Bucket& bucket) { return bucket.take(pace, now); });
    if (wait == Duration::zero()) continue;
    give_back(charges.first(i));
    Empty longest{i, wait};
    for (std::size_t other = i + 1; other < charges.size(); ++other) {
      const Duration its =
          with_bucket(charges[other].key, now, [&](Bucket& bucket) { return bucket.wait(charges[other].pace, now); });
      if (its > longest.wait) longest = {other, its};
    }
    return std::unexpected(longest);
  }
  return {};
}

void Buckets::give_back(std::span<const Charge> charges) {
  for (const auto& [key, pace] : charges) {
    Shard& shard = shard_of(key);
    const std::shared_lock lock(shard.mutex);
    if (const auto found = shard.buckets.find(key); found != shard.buckets.end()) found->second.give_back(pace);
  }
}

std::size_t Buckets::size() const {
  std::size_t size = 0;
  for (const Shard& shard : shards_) {
    const std::shared_lock lock(shard.mutex);
    size += shard.buckets.size();
  }
  return size;
}

}  // namespace gw::limits
