// Where secrets are kept, sealed by whoever keeps them there (vault/vault.h).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "runtime/time.h"

namespace gw::store {

struct SealedSecret {
  std::string name;
  std::string sealed;  // Any text; what it means is the vault's business.
  WallTime created_at{};
  WallTime last_updated_at{};

  bool operator==(const SealedSecret&) const = default;
};

// Thread-safe and synchronous, like ResourceStore. store/secret_contract_test.h holds every implementation to this.
class SecretStore {
 public:
  virtual ~SecretStore() = default;

  // All of them, in the order of their names.
  virtual Result<std::vector<SealedSecret>> list_secrets() = 0;
  // Creates the secret, or replaces what is sealed and last_updated_at of the one of that name. Returns what is stored
  // now.
  virtual Result<SealedSecret> put_secret(std::string_view name, std::string_view sealed, WallTime now) = 0;
  // Errc::not_found.
  virtual Result<> remove_secret(std::string_view name) = 0;
};

// The sentence that all stores use.
std::unexpected<Error> no_such_secret(std::string_view name);

}  // namespace gw::store
