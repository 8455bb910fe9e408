// Keeps the keys of all issuers fresh: finds them, fetches them again before they are old and when somebody meets an
// unknown one, and keeps the last good ones when an issuer cannot be reached.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "auth/key_set.h"
#include "auth/options.h"
#include "net/resolver.h"
#include "runtime/backoff.h"
#include "runtime/loop.h"
#include "runtime/task.h"

namespace gw::auth {

struct IssuerKeys {
  std::string issuer;
  std::string jwks_uri;                // Configured or found; empty until it is known.
  std::shared_ptr<const KeySet> keys;  // Null until they were fetched once.
  std::uint64_t generation = 0;        // Grows with every successful fetch.
  std::string problem;                 // Of the last attempt; empty when it succeeded.
  WallTime fetched_at{};               // Of the keys.
  WallTime tried_at{};

  bool operator==(const IssuerKeys&) const = default;
};

struct KeyKeeperTimes {
  // After failures. What is kept otherwise is fetched again after 90 to 100 % of IssuerOptions::refresh_interval.
  BackoffOptions backoff{.first = std::chrono::seconds(1), .longest = std::chrono::minutes(5)};
  Duration request = std::chrono::seconds(5);   // For each of up to four requests of an attempt.
  Duration spacing = std::chrono::seconds(2);   // Between the beginnings of attempts that are asked for.
  Duration patience = std::chrono::seconds(5);  // Of who asks.
};

// On one loop, the control loop. Issuers come from the configuration file, so they and the key sets that they name may
// be at any address; but keys come over https, and over http only when the issuer itself is http on loopback.
class KeyKeeper {
 public:
  using OnChange = std::function<void()>;
  // `on_change` is called on the loop after each attempt that changed more of issuers() than `tried_at`. It must not
  // call keep(). The resolver outlives the keeper; tasks of newer() and first_attempts() end when it is destroyed.
  KeyKeeper(Loop& loop, net::Resolver& resolver, OnChange on_change, KeyKeeperTimes times = {});
  ~KeyKeeper();
  KeyKeeper(const KeyKeeper&) = delete;
  KeyKeeper& operator=(const KeyKeeper&) = delete;

  // Begins to keep these and forgets others. What is known of one that stays is kept unless the place of its keys is
  // another: jwks_uri or ca_file. Attempts begin in the loop's next round.
  void keep(const std::vector<IssuerOptions>& issuers);
  // In the order of keep().
  std::vector<IssuerKeys> issuers() const;

  // As KeyRefresh::newer_keys, on this loop: completes when the keys are newer than `generation`, an attempt that began
  // after the call failed, or after 5 seconds. Attempts that are asked for start at most every 2 seconds for one
  // issuer; at most 1,000 wait, others are told at once. Unknown issuers complete at once.
  Task<> newer(std::string issuer, std::uint64_t generation);
  // When every issuer was tried once.
  Task<> first_attempts();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace gw::auth
