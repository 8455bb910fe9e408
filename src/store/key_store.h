// Where API keys that were made through the API are kept: their hashes, never the keys.
#pragma once

#include <string_view>
#include <vector>

#include "auth/api_key.h"
#include "base/error.h"

namespace gw::store {

// Thread-safe and synchronous, like ResourceStore. store/key_contract_test.h holds every implementation to this.
class KeyStore {
 public:
  virtual ~KeyStore() = default;

  // All of them, in the order of their ids.
  virtual Result<std::vector<auth::ApiKey>> list_keys() = 0;
  // Errc::conflict when the id or the hash is taken.
  virtual Result<> create_key(const auth::ApiKey& key) = 0;
  // Errc::not_found.
  virtual Result<> remove_key(std::string_view id) = 0;
};

// The sentences that all stores use.
std::unexpected<Error> no_such_key(std::string_view id);
std::unexpected<Error> key_taken(std::string_view id);

}  // namespace gw::store
