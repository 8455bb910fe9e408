// JSON Web Tokens (RFC 7519) in the compact serialization of RFC 7515, as access tokens of one issuer.
#pragma once

#include <cstdint>
#include <expected>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "auth/key_set.h"
#include "auth/options.h"
#include "identity/principal.h"

namespace gw::auth {

inline constexpr std::size_t max_token = 16 << 10;

// What a token says about itself before anything is verified: only for choosing the issuer and the key.
struct Unverified {
  std::string issuer;
  std::string key_id;  // Empty where there is none.
  std::string algorithm;
};

// Why a token is not accepted. The text is for the client's error_description and the log: no part of the token.
enum class Flaw {
  malformed,
  issuer,
  algorithm,
  unknown_key,
  signature,
  type,
  audience,
  expired,
  not_yet_valid,
  claims,
  scope
};
struct Rejected {
  Flaw flaw = Flaw::malformed;
  std::string message;
};

// Refuses at once what could not be verified by any key: Flaw::malformed, algorithm, signature (there is none), issuer
// (there is none).
std::expected<Unverified, Rejected> peek(std::string_view token);

// A token that was accepted.
struct Verified {
  identity::Principal principal;
  std::vector<std::string> audiences;  // All of its `aud`.
  const KeySet::Key* key = nullptr;    // That verified it; borrowed from the set.
};

// Everything of RFC 8725 that applies: the algorithm is one of the issuer's list and fits the type of the key; `crit`
// and members that occur twice are refused; `typ`, where given, is JWT or at+jwt; `iss`, `exp` (always required),
// `nbf`, `iat` not in the future, `aud` has one of `audiences`; ID tokens (with `nonce` or `at_hash`) are refused. The
// user id may not be one that the gateway gives itself: "key:…", "configuration", "anonymous". `now` is Unix time in
// seconds. Principal::expires is `exp` with the issuer's clock skew.
std::expected<Verified, Rejected> verify(std::string_view token, const IssuerOptions& issuer, const KeySet& keys,
                                         const std::vector<std::string>& audiences, std::int64_t now);

// Whether one of a token's audiences is accepted. Allocates nothing.
bool meant_for(const std::vector<std::string>& token_audiences, const std::vector<std::string>& accepted);

}  // namespace gw::auth
