// One public key. Within this module; others see KeySet.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "auth/key_set.h"

struct _cjose_jwk_int;

namespace gw::auth {

struct ReleaseJwk {
  void operator()(_cjose_jwk_int* key) const;
};
using Jwk = std::unique_ptr<_cjose_jwk_int, ReleaseJwk>;

// Null when it is no key that cjose knows, such as a point that is not on its curve.
Jwk import_jwk(std::string_view json);

// Immutable. Several threads may verify with one key at the same time: cjose and OpenSSL only read it then. What cjose
// counts without atomics, its references, is touched by nothing but the making and the end of a key.
struct KeySet::Key {
  std::string id;               // `kid`, or empty.
  std::string algorithm;        // `alg`: the only one that it is for; empty: any that fits.
  std::string material;         // Its public members as text: the same text, the same key.
  std::string curve_algorithm;  // Of EC: the one algorithm of its curve, "ES256". Empty: RSA.
  std::size_t signature_size = 0;
  Jwk jwk;

  // Whether signatures by `alg` can be verified with this key. Never for anything but RS, PS and ES.
  bool fits(std::string_view alg) const;
  // Whether the signature of a compact serialization is this key's. The header's `alg` must fit; the caller has read
  // the serialization strictly (auth/jws.h), which cjose does not.
  bool verifies(std::string_view token, std::size_t signature_size) const;

  // Nothing when the PEM is not a public key on P-256.
  static std::optional<Key> from_p256_pem(std::string_view pem);
};

// RS256 to ES512: what this module can verify.
bool is_supported_algorithm(std::string_view alg);

}  // namespace gw::auth
