#include "auth/jws.h"

#include <algorithm>
#include <cmath>

#include <boost/json.hpp>

#include "auth/key.h"
#include "base/base64.h"
#include "json/json.h"

namespace gw::auth {
namespace {

constexpr double latest = 6e15;
constexpr std::size_t max_depth = 32;

std::expected<boost::json::value, Rejected> object_of(std::string_view text, std::string_view what) {
  auto value = json::parse(text, {.max_bytes = max_token, .max_depth = max_depth, .unique_names = true});
  if (!value) return reject(Flaw::malformed, fmt::format("the {} of the token is not valid JSON", what));
  if (!value->is_object()) return reject(Flaw::malformed, fmt::format("the {} of the token is no object", what));
  return *std::move(value);
}

// Of a header: a text, or empty when it is absent.
std::expected<std::string, Rejected> text_of(const boost::json::object& header, std::string_view name) {
  const auto* member = header.if_contains(name);
  if (member == nullptr) return std::string();
  if (!member->is_string()) return reject(Flaw::malformed, fmt::format("the token's header '{}' is no text", name));
  return std::string(member->get_string());
}

}  // namespace

std::unexpected<Rejected> reject(Flaw flaw, std::string message) {
  return std::unexpected(Rejected{flaw, std::move(message)});
}

std::expected<Jws, Rejected> read_jws(std::string_view token) {
  if (token.size() > max_token) return reject(Flaw::malformed, "the token is too long");
  const auto first = token.find('.');
  const auto second = first == std::string_view::npos ? first : token.find('.', first + 1);
  if (second == std::string_view::npos || token.find('.', second + 1) != std::string_view::npos) {
    return reject(Flaw::malformed, "the token is not a JSON Web Token of three parts");
  }
  const auto head = base64url_decode(token.substr(0, first));
  auto claims = base64url_decode(token.substr(first + 1, second - first - 1));
  const auto signature = base64url_decode(token.substr(second + 1));
  if (!head || !claims || !signature) return reject(Flaw::malformed, "the token is not base64url without padding");
  GW_TRY(const boost::json::value value, object_of(*head, "header"));
  const boost::json::object& header = value.get_object();
  Jws jws;
  GW_TRY(jws.algorithm, text_of(header, "alg"));
  if (!is_supported_algorithm(jws.algorithm)) {
    return reject(Flaw::algorithm, "the token's algorithm is none of RS, PS and ES with 256, 384 or 512");
  }
  if (header.contains("crit")) return reject(Flaw::malformed, "the token has critical extensions, and none is known");
  if (signature->empty()) return reject(Flaw::signature, "the token has no signature");
  GW_TRY(jws.key_id, text_of(header, "kid"));
  GW_TRY(jws.type, text_of(header, "typ"));
  jws.claims = *std::move(claims);
  jws.signature_size = signature->size();
  return jws;
}

std::expected<boost::json::value, Rejected> claims_of(const Jws& jws) {
  return object_of(jws.claims, "payload");
}

std::expected<std::optional<std::int64_t>, Rejected> date_of(const boost::json::object& claims, std::string_view name) {
  const auto* member = claims.if_contains(name);
  if (member == nullptr) return std::nullopt;
  if (!member->is_number()) return reject(Flaw::claims, fmt::format("the token's '{}' is no number", name));
  const double seconds = std::floor(member->to_number<double>());
  return static_cast<std::int64_t>(std::clamp(seconds, -latest, latest));
}

}  // namespace gw::auth
