#include "auth/identity_signer.h"

#include <cjose/cjose.h>

#include <boost/json.hpp>

#include "base/base64.h"
#include "base/check.h"
#include "base/files.h"
#include "runtime/random.h"

namespace gw::auth {
namespace {

constexpr std::int64_t lifetime = 60;

struct FreeKey {
  void operator()(cjose_jwk_t* key) const { cjose_jwk_release(key); }
};
struct FreeHeader {
  void operator()(cjose_header_t* header) const { cjose_header_release(header); }
};
struct FreeSignature {
  void operator()(cjose_jws_t* jws) const { cjose_jws_release(jws); }
};
using KeyPtr = std::unique_ptr<cjose_jwk_t, FreeKey>;

std::string json_of(const cjose_jwk_t* key, bool with_private_half) {
  cjose_err error{};
  char* const text = cjose_jwk_to_json(key, with_private_half, &error);
  GW_CHECK(text != nullptr, error.message);
  std::string json = text;
  cjose_get_dealloc()(text);
  return json;
}

KeyPtr import_key(std::string_view json) {
  cjose_err error{};
  KeyPtr key(cjose_jwk_import(json.data(), json.size(), &error));
  const bool fits = key && cjose_jwk_get_kty(key.get(), &error) == CJOSE_JWK_KTY_EC;
  return fits ? std::move(key) : nullptr;
}

KeyPtr make_key() {
  cjose_err error{};
  KeyPtr key(cjose_jwk_create_EC_random(CJOSE_JWK_EC_P_256, &error));
  GW_CHECK(key != nullptr, error.message);
  const std::string id = base64url_encode(random_bytes(9));
  GW_CHECK(cjose_jwk_set_kid(key.get(), id.data(), id.size(), &error), error.message);
  return key;
}

boost::json::array array_of(const std::vector<std::string>& texts) {
  boost::json::array array;
  for (const std::string& text : texts) array.emplace_back(text);
  return array;
}

}  // namespace

Result<IdentityKey> IdentityKey::load_or_create(const std::filesystem::path& file) {
  KeyPtr key;
  const auto text = read_file(file, 16 << 10);
  if (text) {
    key = import_key(*text);
    if (!key) {
      return fail(Errc::invalid,
                  "{} does not hold a private P-256 key as JSON Web Key; remove the file and a new one is made",
                  file.string());
    }
  } else if (text.error().code() == Errc::not_found) {
    key = make_key();
    std::error_code error;
    std::filesystem::create_directories(file.parent_path(), error);
    GW_TRY_OK(write_private_file(file, json_of(key.get(), true)));
  } else {
    return std::unexpected(text.error());
  }
  auto shown = boost::json::parse(json_of(key.get(), false)).as_object();
  shown["use"] = "sig";
  shown["alg"] = "ES256";
  const boost::json::object set{{"keys", boost::json::array{shown}}};
  return IdentityKey{SecretString(json_of(key.get(), true)), boost::json::serialize(set)};
}

struct IdentitySigner::Impl {
  KeyPtr key;
  std::unique_ptr<cjose_header_t, FreeHeader> header;
};

IdentitySigner::IdentitySigner(const IdentityKey& key) : impl_(std::make_unique<Impl>()) {
  impl_->key = import_key(key.jwk.reveal());
  GW_CHECK(impl_->key != nullptr);
  cjose_err error{};
  impl_->header.reset(cjose_header_new(&error));
  const char* const id = cjose_jwk_get_kid(impl_->key.get(), &error);
  const bool made = impl_->header &&
                    cjose_header_set(impl_->header.get(), CJOSE_HDR_ALG, CJOSE_HDR_ALG_ES256, &error) &&
                    cjose_header_set(impl_->header.get(), "typ", "JWT", &error) &&
                    (id == nullptr || cjose_header_set(impl_->header.get(), CJOSE_HDR_KID, id, &error));
  GW_CHECK(made, error.message);
}

IdentitySigner::~IdentitySigner() = default;

std::string IdentitySigner::sign(const identity::Principal& who, std::string_view issuer, std::string_view audience,
                                 std::int64_t now) const {
  boost::json::object claims{{"iss", issuer},
                             {"aud", audience},
                             {"sub", who.user},
                             {"iat", now},
                             {"exp", now + lifetime},
                             {"roles", array_of(who.roles)},
                             {"groups", array_of(who.groups)}};
  if (!who.name.empty()) claims["name"] = who.name;
  const std::string text = boost::json::serialize(claims);
  cjose_err error{};
  const std::unique_ptr<cjose_jws_t, FreeSignature> jws(cjose_jws_sign(
      impl_->key.get(), impl_->header.get(), reinterpret_cast<const std::uint8_t*>(text.data()), text.size(), &error));
  const char* compact = nullptr;
  GW_CHECK(jws && cjose_jws_export(jws.get(), &compact, &error), error.message);
  return compact;
}

}  // namespace gw::auth
