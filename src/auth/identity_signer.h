// Tokens by which servers behind the gateway can tell that it was the gateway that named the caller (X-Mcp-Identity).
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

#include "base/error.h"
#include "base/secret_string.h"
#include "identity/principal.h"

namespace gw::auth {

// An ES256 key of the gateway. Immutable; each thread makes signers of its own from it.
struct IdentityKey {
  SecretString jwk;     // Private, RFC 7517.
  std::string key_set;  // The public half as a key set, for /.well-known/jwks.json.

  // Reads the key, or makes one that only its owner can read. Errc::invalid when the file holds something else.
  static Result<IdentityKey> load_or_create(const std::filesystem::path& file);
};

// Belongs to one thread.
class IdentitySigner {
 public:
  explicit IdentitySigner(const IdentityKey& key);
  ~IdentitySigner();

  // A JWT with iss, aud, sub, name, roles, groups, iat and exp a minute later. `now` is Unix time in seconds.
  std::string sign(const identity::Principal& who, std::string_view issuer, std::string_view audience,
                   std::int64_t now) const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace gw::auth
