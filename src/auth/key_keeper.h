// Keeps the keys of all issuers fresh: finds them, fetches them again before they are old and when somebody meets an
// unknown one, and keeps the last good ones when an issuer cannot be reached.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "auth/authenticator.h"
#include "net/egress.h"
#include "net/resolver.h"
#include "runtime/loop.h"

namespace gw::auth {

struct IssuerKeys {
  std::string issuer;
  std::string jwks_uri;
  std::shared_ptr<const KeySet> keys;
  std::uint64_t generation = 0;
  std::string problem;    // Of the last attempt; empty when it succeeded.
  WallTime fetched_at{};  // Of the keys.
  WallTime tried_at{};
};

// On the control loop.
class KeyKeeper {
 public:
  using OnChange = std::function<void()>;
  // `egress` null: issuers of the configuration file may be anywhere. `on_change` is called after each attempt that
  // changed something of issuers().
  KeyKeeper(Loop& loop, net::Resolver& resolver, OnChange on_change);
  ~KeyKeeper();

  // Begins to keep these and forgets others; what is known of one that stays is kept unless its options differ.
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
