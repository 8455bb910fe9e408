// The buckets of all rules and all that they count separately.
#pragma once

#include <array>
#include <expected>
#include <map>
#include <shared_mutex>
#include <span>
#include <string>

#include "limits/gcra.h"

namespace gw::limits {

// One token that a request needs.
struct Charge {
  std::string key;  // Of the bucket. One request has no two charges with the same key.
  Pace pace;
};

// Thread-safe. A bucket that is there already is found under a shared lock, so workers do not wait for each other.
// Buckets that are full again are swept once a minute by whoever comes then; when `max` is reached, those that will be
// full soonest are dropped, because that forgets least.
class Buckets {
 public:
  explicit Buckets(std::size_t max = 100'000);

  // The charge that must wait longest, and how long.
  struct Empty {
    std::size_t which = 0;
    Duration wait{};
  };
  // Takes all tokens or none. Two requests that race for the last tokens of several buckets may both be refused.
  std::expected<void, Empty> take(std::span<const Charge> charges, SteadyTime now);
  // Right after take() only: see Bucket::give_back.
  void give_back(std::span<const Charge> charges);

  std::size_t size() const;

 private:
  // A tree, because keys hold names that clients choose: no choice of names makes it slow.
  struct Shard {
    mutable std::shared_mutex mutex;
    std::map<std::string, Bucket, std::less<>> buckets;
    std::atomic<SteadyTime> next_sweep = SteadyTime::min();
  };

  template <class Use>
  auto with_bucket(const std::string& key, SteadyTime now, Use use);
  Shard& shard_of(const std::string& key);
  void sweep(Shard& shard, SteadyTime now);

  std::size_t max_per_shard_;
  std::array<Shard, 16> shards_;
};

}  // namespace gw::limits
