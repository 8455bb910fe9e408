#include "auth/api_key.h"

#include <algorithm>

#include <fmt/ranges.h>
#include <openssl/evp.h>

#include "auth/shortest_secret.h"
#include "auth/user.h"
#include "base/base64.h"
#include "base/check.h"
#include "runtime/random.h"

namespace gw::auth {
namespace {

constexpr std::size_t secret_bytes = 32;
constexpr std::size_t id_characters = 12;

std::string random_id() {
  constexpr std::string_view digits = "abcdefghijklmnopqrstuvwxyz234567";
  std::string id = random_bytes(id_characters);
  for (char& c : id) c = digits[static_cast<unsigned char>(c) % digits.size()];
  return id;
}

identity::PrincipalPtr principal_of(const ApiKey& key) {
  identity::Principal who{.method = identity::Method::api_key,
                          .user = std::string(api_key_prefix) + key.id,
                          .name = key.name,
                          .api_key = key.id,
                          .roles = key.roles};
  if (key.expires_at) {
    who.expires = std::chrono::floor<std::chrono::seconds>(*key.expires_at).time_since_epoch().count();
  }
  return std::make_shared<const identity::Principal>(std::move(who));
}

}  // namespace

NewKey make_api_key(std::string name, std::vector<std::string> roles, std::string created_by, WallTime now,
                    std::optional<WallTime> expires_at) {
  std::string id = random_id();
  SecretString made("mcpg_" + id + "_" + base64url_encode(random_bytes(secret_bytes)));
  ApiKey key{.id = std::move(id),
             .name = std::move(name),
             .hash = hash_of_api_key(made.reveal()),
             .roles = std::move(roles),
             .created_by = std::move(created_by),
             .created_at = now,
             .expires_at = expires_at};
  return {std::move(key), std::move(made)};
}

Result<ApiKey> configured_api_key(std::string name, const SecretString& key, std::vector<std::string> roles) {
  if (key.reveal().size() < shortest_secret) {
    return fail(Errc::invalid, "the API key '{}' has {} characters; {} are the least, 43 random ones are good", name,
                key.reveal().size(), shortest_secret);
  }
  return ApiKey{.id = name,
                .name = name,
                .hash = hash_of_api_key(key.reveal()),
                .roles = std::move(roles),
                .created_by = std::string(configuration_user)};
}

std::string hash_of_api_key(std::string_view key) {
  std::array<unsigned char, 32> digest;
  unsigned size = 0;
  GW_CHECK(EVP_Digest(key.data(), key.size(), digest.data(), &size, EVP_sha256(), nullptr) == 1 &&
           size == digest.size());
  return fmt::format("{:02x}", fmt::join(digest, ""));
}

struct ApiKeys::Entry {
  std::string hash;
  std::optional<WallTime> expires_at;
  identity::PrincipalPtr principal;
};

ApiKeys::ApiKeys(std::vector<ApiKey> keys) {
  for (const ApiKey& key : keys) entries_.push_back({key.hash, key.expires_at, principal_of(key)});
  std::ranges::sort(entries_, {}, &Entry::hash);
}
ApiKeys::~ApiKeys() = default;

identity::PrincipalPtr ApiKeys::find(std::string_view key, WallTime now) const {
  const std::string hash = hash_of_api_key(key);
  const auto found = std::ranges::lower_bound(entries_, hash, {}, &Entry::hash);
  if (found == entries_.end() || found->hash != hash) return nullptr;
  if (found->expires_at && *found->expires_at <= now) return nullptr;
  return found->principal;
}

bool ApiKeys::has(const identity::Principal& who) const {
  return std::ranges::any_of(entries_, [&](const Entry& entry) { return *entry.principal == who; });
}

bool ApiKeys::empty() const {
  return entries_.empty();
}

}  // namespace gw::auth
