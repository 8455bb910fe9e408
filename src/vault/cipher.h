// AES-256-GCM for values that are kept under a name.
#pragma once

#include <string>
#include <string_view>

#include "base/error.h"
#include "base/secret_string.h"

namespace gw::vault {

// Immutable and thread-safe.
class Cipher {
 public:
  static constexpr std::size_t key_size = 32;

  // `key` has key_size bytes.
  explicit Cipher(SecretString key);

  // Printable ASCII; another one each time, because each has a random nonce.
  std::string seal(std::string_view name, const SecretString& value) const;
  // Errc::invalid for what this key did not seal under this name, or what was changed since.
  Result<SecretString> open(std::string_view name, std::string_view sealed) const;

 private:
  SecretString key_;
};

}  // namespace gw::vault
