// The API keys that were made through the API.
#pragma once

#include <cstddef>
#include <deque>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "auth/api_key.h"
#include "base/error.h"
#include "runtime/blocking_pool.h"
#include "runtime/completions.h"
#include "store/key_store.h"

namespace gw::control {

// On the control loop. A change is in the store before it counts here, and completes once begun.
class KeyBook {
 public:
  static constexpr std::size_t max_keys = 10'000;

  using OnChange = std::function<void(std::vector<auth::ApiKey>)>;

  // `on_change`, which may be empty, is given all keys after load() and each change. `store` and `blocking` outlive it.
  KeyBook(store::KeyStore& store, BlockingPool& blocking, OnChange on_change);

  Task<Result<>> load();

  // Null when there is none. Valid until the next change.
  const auth::ApiKey* find(std::string_view id) const;
  // The latest first.
  std::vector<const auth::ApiKey*> list() const;

  // How many keys lead back to `user`: those that he made, those that they made, and so on. For a key: to whoever made
  // it.
  std::size_t descending_from(std::string_view user) const;

  // Errc::conflict past max_keys; Errc::forbidden when the key that makes it was revoked meanwhile.
  Task<Result<>> add(auth::ApiKey key);
  // With all keys that it made, and that they made: whoever found a key must not keep another. Errc::not_found.
  Task<Result<>> remove(std::string id);

  // Ends when no change is under way.
  Task<> settled() { return changes_.settled(); }

 private:
  Task<Result<>> store_new(auth::ApiKey key);
  Task<Result<>> store_removal(std::string id);
  Task<Result<>> store_removal_of_one(std::string id);
  const auth::ApiKey* made_by(std::string_view id) const;
  std::string_view root_of(std::string_view user) const;
  bool was_revoked(std::string_view user) const;
  void tell() const;

  store::KeyStore& store_;
  BlockingPool& blocking_;
  OnChange on_change_;
  std::map<std::string, auth::ApiKey, std::less<>> keys_;
  std::deque<std::string> revoked_;  // The users of the latest: requests of theirs may still be on their way.
  Completions changes_;
};

}  // namespace gw::control
