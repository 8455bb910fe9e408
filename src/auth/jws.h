// What access tokens and capability headers have in common: the compact serialization of RFC 7515, read strictly.
// Within this module.
#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>

#include <boost/json/fwd.hpp>

#include "auth/token.h"

namespace gw::auth {

// Nothing of it is verified.
struct Jws {
  std::string algorithm;  // One of RS256 to ES512.
  std::string key_id;     // Empty where there is none.
  std::string type;       // Empty where there is none.
  std::string claims;     // The payload: JSON text that nobody looked at yet.
  std::size_t signature_size = 0;
};

// Three parts in strict base64url, a header without `crit` and without double names, an algorithm that is supported, a
// signature.
std::expected<Jws, Rejected> read_jws(std::string_view token);

// Always an object, without double names.
std::expected<boost::json::value, Rejected> claims_of(const Jws& jws);

// A NumericDate of RFC 7519 in whole seconds; nothing when it is absent. Years beyond 200,000,000 count as that.
std::expected<std::optional<std::int64_t>, Rejected> date_of(const boost::json::object& claims, std::string_view name);

std::unexpected<Rejected> reject(Flaw flaw, std::string message);

}  // namespace gw::auth
