// The secrets of a gateway: by name, sealed in memory and in the store.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/secret_string.h"
#include "runtime/blocking_pool.h"
#include "runtime/completions.h"
#include "store/secret_store.h"
#include "vault/cipher.h"

namespace gw::vault {

// What may be known of a secret.
struct Entry {
  std::string name;  // model::is_secret_name
  WallTime created_at{};
  WallTime last_updated_at{};

  bool operator==(const Entry&) const = default;
};

// On the control loop. A change is in the store before it counts here, and completes once begun.
class Vault {
 public:
  static constexpr std::size_t max_value = 64 << 10;
  static constexpr std::size_t max_secrets = 10'000;

  // `store` and `blocking`, which has one thread so that calls keep their order, outlive the vault.
  Vault(store::SecretStore& store, BlockingPool& blocking, Cipher cipher);
  // Called after each change, even when whoever asked for it has left.
  void on_change(std::function<void()> function) { on_change_ = std::move(function); }

  // Reads the whole store. A secret that cannot be opened, because the key is another one now, is logged and stays.
  Task<Result<>> load();

  std::vector<Entry> list() const;
  bool has(std::string_view name) const { return secrets_.contains(name); }
  // Errc::not_found; Errc::invalid when it was sealed with another key.
  Result<SecretString> find(std::string_view name) const;

  // Creates or replaces. Errc::invalid for a name or value that cannot be; Errc::too_large; Errc::conflict past
  // max_secrets.
  Task<Result<Entry>> set(std::string name, SecretString value);
  // Errc::not_found.
  Task<Result<>> remove(std::string name);

  // Ends when no change is under way.
  Task<> settled() { return changes_.settled(); }

 private:
  Task<Result<Entry>> store_value(std::string name, std::string sealed);
  Task<Result<Entry>> store_removal(std::string name);

  store::SecretStore& store_;
  BlockingPool& blocking_;
  Cipher cipher_;
  std::map<std::string, store::SealedSecret, std::less<>> secrets_;
  std::function<void()> on_change_ = [] {};
  Completions changes_;
};

}  // namespace gw::vault
