#include "auth/token.h"

#include <algorithm>

#include <boost/json.hpp>

#include "auth/jws.h"
#include "auth/key.h"
#include "auth/user.h"
#include "base/strings.h"

namespace gw::auth {
namespace {

using boost::json::object;
using boost::json::value;

// ---- The header ------------------------------------------------------------------------------------------------

// The key whose signature it is.
std::expected<const KeySet::Key*, Rejected> verifying_key(std::string_view token, const Jws& jws, const KeySet& keys) {
  const auto candidates = keys.find(jws.key_id);
  if (candidates.empty()) return reject(Flaw::unknown_key, "the token's key is none of its issuer's");
  bool fits = false;
  for (const KeySet::Key* key : candidates) {
    if (!key->fits(jws.algorithm)) continue;
    fits = true;
    if (key->verifies(token, jws.signature_size)) return key;
  }
  if (!fits) return reject(Flaw::algorithm, "the token's algorithm does not fit its key");
  return reject(Flaw::signature, "the token's signature is wrong");
}

std::expected<void, Rejected> check_type(const Jws& jws, const object& claims) {
  std::string type = to_lower(jws.type);
  if (type.starts_with("application/")) type.erase(0, std::string_view("application/").size());
  if (!type.empty() && type != "jwt" && type != "at+jwt") return reject(Flaw::type, "this is not an access token");
  if (claims.contains("nonce") || claims.contains("at_hash")) {
    return reject(Flaw::type, "this is an ID token; an access token is needed");
  }
  return {};
}

// ---- Registered claims -----------------------------------------------------------------------------------------

std::expected<void, Rejected> check_issuer(const object& claims, const std::string& issuer) {
  const auto* iss = claims.if_contains("iss");
  if (iss == nullptr || !iss->is_string() || iss->get_string() != issuer) {
    return reject(Flaw::issuer, "the token is of another issuer");
  }
  return {};
}

// Until when it is good.
std::expected<std::int64_t, Rejected> check_times(const object& claims, Duration clock_skew, std::int64_t now) {
  const std::int64_t skew = std::chrono::duration_cast<std::chrono::seconds>(clock_skew).count();
  GW_TRY(const auto expires, date_of(claims, "exp"));
  GW_TRY(const auto not_before, date_of(claims, "nbf"));
  GW_TRY(const auto issued, date_of(claims, "iat"));
  if (!expires) return reject(Flaw::claims, "the token does not say when it expires");
  if (now >= *expires + skew) return reject(Flaw::expired, "the token has expired");
  if (not_before && *not_before > now + skew) return reject(Flaw::not_yet_valid, "the token is not valid yet");
  if (issued && *issued > now + skew) return reject(Flaw::not_yet_valid, "the token was issued in the future");
  return *expires + skew;
}

std::expected<std::vector<std::string>, Rejected> audiences_of(const object& claims) {
  std::vector<std::string> audiences;
  const auto* aud = claims.if_contains("aud");
  if (aud == nullptr) return reject(Flaw::audience, "the token does not say for whom it is");
  if (aud->is_string()) {
    audiences.emplace_back(aud->get_string());
  } else if (const auto* list = aud->if_array()) {
    for (const value& element : *list) {
      if (!element.is_string()) return reject(Flaw::claims, "the token's 'aud' is not a list of texts");
      audiences.emplace_back(element.get_string());
    }
  } else {
    return reject(Flaw::claims, "the token's 'aud' is neither a text nor a list");
  }
  return audiences;
}

// ---- Claims that are configured --------------------------------------------------------------------------------

const value* claim(const value& claims, const std::string& name) {
  if (!name.starts_with('/')) return claims.get_object().if_contains(name);
  boost::system::error_code error;
  return claims.find_pointer(name, error);
}

// The first of these that is there; empty when none is.
std::expected<std::string, Rejected> first_text(const value& claims, const std::vector<std::string>& names) {
  for (const std::string& name : names) {
    const value* found = claim(claims, name);
    if (found == nullptr) continue;
    if (!found->is_string()) return reject(Flaw::claims, fmt::format("the token's '{}' is no text", name));
    return std::string(found->get_string());
  }
  return std::string();
}

// The elements of all of these.
std::vector<std::string> all_texts(const value& claims, const std::vector<std::string>& names,
                                   std::string_view separators) {
  std::vector<std::string> texts;
  for (const std::string& name : names) {
    const value* found = claim(claims, name);
    if (found == nullptr) continue;
    if (const auto* list = found->if_array()) {
      for (const value& element : *list) {
        if (element.is_string()) texts.emplace_back(element.get_string());
      }
    } else if (found->is_string()) {
      std::string text(found->get_string());
      std::ranges::replace_if(text, [&](char c) { return separators.contains(c); }, ' ');
      for (const std::string_view part : split_list(text, ' ')) texts.emplace_back(part);
    }
  }
  return texts;
}

std::expected<identity::Principal, Rejected> principal_of(const value& claims, const IssuerOptions& issuer) {
  identity::Principal who{.method = identity::Method::token, .issuer = issuer.issuer};
  GW_TRY(const std::string user, first_text(claims, issuer.claims.user));
  who.user = issuer.user_prefix + user;
  if (user.empty() || !may_be_user(who.user)) {
    return reject(Flaw::claims, "the token does not say who its user is, or says it in a way that is not allowed");
  }
  GW_TRY(who.name, first_text(claims, issuer.claims.name));
  GW_TRY(who.client_id, first_text(claims, issuer.claims.client));
  who.roles = all_texts(claims, issuer.claims.roles, ",");
  who.groups = all_texts(claims, issuer.claims.groups, ",");
  who.scopes = all_texts(claims, issuer.claims.scopes, "");
  return who;
}

}  // namespace

std::expected<Unverified, Rejected> peek(std::string_view token) {
  GW_TRY(Jws jws, read_jws(token));
  GW_TRY(const value claims, claims_of(jws));
  const auto* issuer = claims.get_object().if_contains("iss");
  if (issuer == nullptr || !issuer->is_string()) return reject(Flaw::issuer, "the token does not name its issuer");
  return Unverified{std::string(issuer->get_string()), std::move(jws.key_id), std::move(jws.algorithm)};
}

bool meant_for(const std::vector<std::string>& token_audiences, const std::vector<std::string>& accepted) {
  return std::ranges::find_first_of(token_audiences, accepted) != token_audiences.end();
}

std::expected<Verified, Rejected> verify(std::string_view token, const IssuerOptions& issuer, const KeySet& keys,
                                         const std::vector<std::string>& audiences, std::int64_t now) {
  GW_TRY(const Jws jws, read_jws(token));
  if (std::ranges::find(issuer.algorithms, jws.algorithm) == issuer.algorithms.end()) {
    return reject(Flaw::algorithm, "the token's algorithm is not accepted from its issuer");
  }
  Verified verified;
  GW_TRY(verified.key, verifying_key(token, jws, keys));
  GW_TRY(const value claims, claims_of(jws));
  const object& members = claims.get_object();
  GW_TRY_OK(check_type(jws, members));
  GW_TRY_OK(check_issuer(members, issuer.issuer));
  GW_TRY(const std::int64_t expires, check_times(members, issuer.clock_skew, now));
  GW_TRY(verified.audiences, audiences_of(members));
  if (!meant_for(verified.audiences, audiences)) return reject(Flaw::audience, "the token is for somebody else");
  GW_TRY(verified.principal, principal_of(claims, issuer));
  verified.principal.expires = expires;
  if (!std::ranges::all_of(issuer.required_scopes,
                           [&](const std::string& scope) { return verified.principal.has_scope(scope); })) {
    return reject(Flaw::scope, "the token lacks a scope that its issuer's tokens must have");
  }
  return verified;
}

}  // namespace gw::auth
