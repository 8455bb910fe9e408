// API keys: long random texts that stand for a user of their own. Stored as hashes only.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/secret_string.h"
#include "identity/principal.h"
#include "runtime/time.h"

namespace gw::auth {

// What is known of a key besides the key itself.
struct ApiKey {
  std::string id;    // [a-z0-9]{12}, or the name of a key of the configuration file.
  std::string name;  // For people.
  std::string
      hash;  // Lower-case hex of SHA-256 over the whole key. A key has 256 random bits: nothing slower is needed.
  std::vector<std::string> roles;
  std::string created_by;
  WallTime created_at{};
  std::optional<WallTime> expires_at;

  bool operator==(const ApiKey&) const = default;
};

// "mcpg_<id>_<43 characters of base64url>". `made` is shown once and then forgotten.
struct NewKey {
  ApiKey key;
  SecretString made;
};
NewKey make_api_key(std::string name, std::vector<std::string> roles, std::string created_by, WallTime now,
                    std::optional<WallTime> expires_at);
// For keys that the configuration brings; any text of at least 16 characters.
Result<ApiKey> configured_api_key(std::string name, const SecretString& key, std::vector<std::string> roles);

std::string hash_of_api_key(std::string_view key);

// Immutable and thread-safe: which keys there are.
class ApiKeys {
 public:
  explicit ApiKeys(std::vector<ApiKey> keys);
  // The principal ("key:<id>") of a valid key, or null. Looks up the hash, so the time says nothing about other keys.
  identity::PrincipalPtr find(std::string_view key, WallTime now) const;
  // Whether `who` is still the principal of some key: it was not revoked and has the same roles. Linear.
  bool has(const identity::Principal& who) const;
  bool empty() const;

 private:
  struct Entry;
  std::vector<Entry> entries_;  // Sorted by hash.

 public:
  ~ApiKeys();
};

}  // namespace gw::auth
