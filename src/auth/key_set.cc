#include "auth/key_set.h"

#include <algorithm>

#include <openssl/bn.h>
#include <boost/json.hpp>

#include "auth/key.h"
#include "base/base64.h"
#include "json/json.h"

namespace gw::auth {
namespace {

constexpr std::size_t max_keys = 100;
constexpr std::size_t max_text = 1 << 20;
constexpr int min_rsa_bits = 2048;
constexpr int max_rsa_bits = 8192;  // What takes longer to verify is an attack.

struct Curve {
  std::string_view name;
  std::string_view algorithm;
  std::size_t signature_size;
};
constexpr Curve curves[] = {{"P-256", "ES256", 64}, {"P-384", "ES384", 96}, {"P-521", "ES512", 132}};

std::string_view text_of(const boost::json::object& object, std::string_view name) {
  const auto* member = object.if_contains(name);
  return member != nullptr && member->is_string() ? std::string_view(member->get_string()) : std::string_view();
}

using Number = std::unique_ptr<BIGNUM, decltype(&BN_free)>;
Number number_of(std::string_view bytes) {
  return {BN_bin2bn(reinterpret_cast<const unsigned char*>(bytes.data()), static_cast<int>(bytes.size()), nullptr),
          BN_free};
}

std::unique_ptr<KeySet::Key> rsa_key(const boost::json::object& jwk) {
  const auto n = base64url_decode(text_of(jwk, "n"));
  const auto e = base64url_decode(text_of(jwk, "e"));
  if (!n || !e) return nullptr;
  const int bits = BN_num_bits(number_of(*n).get());  // cjose would count leading zeros, too.
  const Number exponent = number_of(*e);
  if (bits < min_rsa_bits || bits > max_rsa_bits) return nullptr;
  if (!BN_is_odd(exponent.get()) || BN_is_one(exponent.get()) || BN_num_bits(exponent.get()) > 64) return nullptr;
  auto key = std::make_unique<KeySet::Key>();
  key->signature_size = (static_cast<std::size_t>(bits) + 7) / 8;
  key->material =
      boost::json::serialize(boost::json::object{{"kty", "RSA"}, {"n", text_of(jwk, "n")}, {"e", text_of(jwk, "e")}});
  return key;
}

std::unique_ptr<KeySet::Key> ec_key(const boost::json::object& jwk) {
  const auto* curve = std::ranges::find(curves, text_of(jwk, "crv"), &Curve::name);
  if (curve == std::end(curves)) return nullptr;
  auto key = std::make_unique<KeySet::Key>();
  key->curve_algorithm = curve->algorithm;
  key->signature_size = curve->signature_size;
  key->material = boost::json::serialize(
      boost::json::object{{"kty", "EC"}, {"crv", curve->name}, {"x", text_of(jwk, "x")}, {"y", text_of(jwk, "y")}});
  return key;
}

// Null for keys that cannot verify signatures.
std::unique_ptr<KeySet::Key> key_of(const boost::json::value& value) {
  const auto* jwk = value.if_object();
  if (jwk == nullptr) return nullptr;
  if (jwk->contains("use") && text_of(*jwk, "use") != "sig") return nullptr;
  auto key = text_of(*jwk, "kty") == "RSA" ? rsa_key(*jwk) : text_of(*jwk, "kty") == "EC" ? ec_key(*jwk) : nullptr;
  if (key == nullptr) return nullptr;
  key->id = text_of(*jwk, "kid");
  key->algorithm = text_of(*jwk, "alg");
  key->jwk = import_jwk(key->material);
  return key->jwk != nullptr ? std::move(key) : nullptr;
}

}  // namespace

KeySet::KeySet() = default;
KeySet::~KeySet() = default;

Result<std::shared_ptr<const KeySet>> KeySet::parse(std::string_view json) {
  const auto document = json::parse(json, {.max_bytes = max_text, .max_depth = 16, .unique_names = true});
  if (!document) return fail(Errc::invalid, "this is not a JSON Web Key Set: {}", document.error().message());
  const auto* set = document->if_object();
  const auto* list = set != nullptr && set->contains("keys") ? set->at("keys").if_array() : nullptr;
  if (list == nullptr) return fail(Errc::invalid, "this is not a JSON Web Key Set: it has no list 'keys'");
  std::shared_ptr<KeySet> keys(new KeySet);
  for (const boost::json::value& member : *list) {
    if (keys->keys_.size() == max_keys) break;
    if (auto key = key_of(member)) keys->keys_.push_back(std::move(key));
  }
  if (keys->keys_.empty()) {
    return fail(
        Errc::invalid,
        "none of the {} keys of this JSON Web Key Set can verify signatures: RSA of 2048 bits or more, or EC on "
        "P-256, P-384 or P-521, for use 'sig'",
        list->size());
  }
  return keys;
}

std::vector<const KeySet::Key*> KeySet::find(std::string_view kid) const {
  std::vector<const Key*> found;
  for (const auto& key : keys_) {
    if (key->id == kid) found.push_back(key.get());
  }
  return found;
}

const KeySet::Key* KeySet::same(const Key& key) const {
  const auto it = std::ranges::find_if(keys_, [&](const auto& mine) {
    return mine->id == key.id && mine->algorithm == key.algorithm && mine->material == key.material;
  });
  return it != keys_.end() ? it->get() : nullptr;
}

std::vector<std::string> KeySet::ids() const {
  std::vector<std::string> ids;
  for (const auto& key : keys_) ids.push_back(key->id);
  return ids;
}

}  // namespace gw::auth
