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
  std::string key_id;
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

std::expected<Unverified, Rejected> peek(std::string_view token);

// Everything of RFC 8725 that applies: the algorithm is one of the issuer's list and fits the type of the key; `crit`
// is refused; `typ`, where given, is JWT or at+jwt; `iss`, `exp` (always required), `nbf`, `iat` not in the future,
// `aud` has one of `audiences`; ID tokens (with `nonce` or `at_hash`) are refused. `now` is Unix time in seconds.
std::expected<identity::Principal, Rejected> verify(std::string_view token, const IssuerOptions& issuer,
                                                    const KeySet& keys, const std::vector<std::string>& audiences,
                                                    std::int64_t now);

}  // namespace gw::auth
