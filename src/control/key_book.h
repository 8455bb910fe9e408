// The API keys that were made through the API.
#pragma once

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

  // Errc::conflict past max_keys.
  Task<Result<>> add(auth::ApiKey key);
  // Errc::not_found.
  Task<Result<>> remove(std::string id);

  // Ends when no change is under way.
  Task<> settled() { return changes_.settled(); }

 private:
  Task<Result<>> store_new(auth::ApiKey key);
  Task<Result<>> store_removal(std::string id);
  void tell() const;

  store::KeyStore& store_;
  BlockingPool& blocking_;
  OnChange on_change_;
  std::map<std::string, auth::ApiKey, std::less<>> keys_;
  Completions changes_;
};

}  // namespace gw::control
