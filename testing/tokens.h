// Keys, and tokens that are signed with them, for tests.
#pragma once

#include <cjose/jwk.h>
#include <cjose/jws.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#include <cstdlib>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "base/base64.h"
#include "base/check.h"

namespace gw::testing {

// A header or the claims of a token, member by member; values are JSON, empty ones are left out.
using TokenMembers = std::map<std::string, std::string>;

inline std::string to_json(const TokenMembers& members) {
  std::string text;
  for (const auto& [name, value] : members) {
    if (!value.empty()) text += (text.empty() ? "\"" : ",\"") + name + "\":" + value;
  }
  return '{' + text + '}';
}

class SigningKey {
 public:
  static SigningKey rsa(std::string id, unsigned bits = 2048) { return {std::move(id), EVP_RSA_gen(bits)}; }
  // "P-256", "P-384", "P-521".
  static SigningKey ec(std::string id, const char* curve = "P-256") { return {std::move(id), EVP_EC_gen(curve)}; }

  const std::string& id() const { return id_; }

  std::string public_pem() const {
    const std::unique_ptr<BIO, decltype(&BIO_free)> out(BIO_new(BIO_s_mem()), BIO_free);
    GW_CHECK(PEM_write_bio_PUBKEY(out.get(), key_.get()) == 1);
    char* text = nullptr;
    const long size = BIO_get_mem_data(out.get(), &text);
    return {text, static_cast<std::size_t>(size)};
  }

  // The public key as a JSON object. `more` begins with a comma: R"(,"use":"enc")".
  std::string public_jwk(std::string_view more = R"(,"use":"sig")") const {
    std::string jwk =
        is_rsa()
            ? R"({"kty":"RSA","n":")" + text(OSSL_PKEY_PARAM_RSA_N) + R"(","e":")" + text(OSSL_PKEY_PARAM_RSA_E) + '"'
            : R"({"kty":"EC","crv":")" + curve_name() + R"(","x":")" + text(OSSL_PKEY_PARAM_EC_PUB_X) + R"(","y":")" +
                  text(OSSL_PKEY_PARAM_EC_PUB_Y) + '"';
    if (!id_.empty()) jwk += R"(,"kid":")" + id_ + '"';
    return jwk.append(more) + "}";
  }

  // A token with this payload, whatever it is.
  std::string sign(std::string_view payload, std::string_view alg = "", const TokenMembers& more = {}) const {
    TokenMembers header{{"alg", quoted(alg.empty() ? default_algorithm() : alg)}};
    if (!id_.empty()) header["kid"] = quoted(id_);
    for (const auto& [name, value] : more) header[name] = value;
    return sign_with(jwk().get(), payload, header);
  }

  // Signed by HMAC with that text as the key.
  static std::string sign_symmetric(std::string_view secret, std::string_view payload, const TokenMembers& header) {
    const Jwk jwk(
        cjose_jwk_create_oct_spec(reinterpret_cast<const std::uint8_t*>(secret.data()), secret.size(), nullptr),
        cjose_jwk_release);
    return sign_with(jwk.get(), payload, header);
  }

  EVP_PKEY* get() const { return key_.get(); }

 private:
  using Jwk = std::unique_ptr<cjose_jwk_t, decltype(&cjose_jwk_release)>;

  SigningKey(std::string id, EVP_PKEY* key) : id_(std::move(id)), key_(key, EVP_PKEY_free) { GW_CHECK(key != nullptr); }

  static std::string quoted(std::string_view text) { return '"' + std::string(text) + '"'; }
  bool is_rsa() const { return EVP_PKEY_is_a(key_.get(), "RSA") == 1; }
  int ec_bytes() const { return (EVP_PKEY_get_bits(key_.get()) + 7) / 8; }
  std::string curve_name() const { return "P-" + std::to_string(EVP_PKEY_get_bits(key_.get())); }
  std::string_view default_algorithm() const {
    if (is_rsa()) return "RS256";
    return ec_bytes() == 32 ? "ES256" : ec_bytes() == 48 ? "ES384" : "ES512";
  }

  // A number of the key; coordinates have the size of the curve. Empty when it has none of that name.
  std::string number(const char* name) const {
    BIGNUM* n = nullptr;
    if (EVP_PKEY_get_bn_param(key_.get(), name, &n) != 1) return {};
    const int size = is_rsa() ? BN_num_bytes(n) : ec_bytes();
    std::string bytes(static_cast<std::size_t>(size), '\0');
    GW_CHECK(BN_bn2binpad(n, reinterpret_cast<unsigned char*>(bytes.data()), size) == size);
    BN_clear_free(n);
    return bytes;
  }
  std::string text(const char* name) const { return base64url_encode(number(name)); }

  Jwk jwk() const {
    const auto data = [](std::string& bytes) { return reinterpret_cast<std::uint8_t*>(bytes.data()); };
    if (!is_rsa()) {
      std::string x = number(OSSL_PKEY_PARAM_EC_PUB_X), y = number(OSSL_PKEY_PARAM_EC_PUB_Y),
                  d = number(OSSL_PKEY_PARAM_PRIV_KEY);
      const cjose_jwk_ec_curve curve = ec_bytes() == 32   ? CJOSE_JWK_EC_P_256
                                       : ec_bytes() == 48 ? CJOSE_JWK_EC_P_384
                                                          : CJOSE_JWK_EC_P_521;
      const cjose_jwk_ec_keyspec spec{curve, data(d), d.size(), data(x), x.size(), data(y), y.size()};
      return {cjose_jwk_create_EC_spec(&spec, nullptr), cjose_jwk_release};
    }
    std::string n = number(OSSL_PKEY_PARAM_RSA_N), e = number(OSSL_PKEY_PARAM_RSA_E), d = number(OSSL_PKEY_PARAM_RSA_D),
                p = number(OSSL_PKEY_PARAM_RSA_FACTOR1), q = number(OSSL_PKEY_PARAM_RSA_FACTOR2),
                dp = number(OSSL_PKEY_PARAM_RSA_EXPONENT1), dq = number(OSSL_PKEY_PARAM_RSA_EXPONENT2),
                qi = number(OSSL_PKEY_PARAM_RSA_COEFFICIENT1);
    const cjose_jwk_rsa_keyspec spec{data(e), e.size(), data(n),  n.size(),  data(d),  d.size(),  data(p),  p.size(),
                                     data(q), q.size(), data(dp), dp.size(), data(dq), dq.size(), data(qi), qi.size()};
    return {cjose_jwk_create_RSA_spec(&spec, nullptr), cjose_jwk_release};
  }

  static std::string sign_with(const cjose_jwk_t* jwk, std::string_view payload, const TokenMembers& members) {
    const std::unique_ptr<cjose_header_t, decltype(&cjose_header_release)> header(cjose_header_new(nullptr),
                                                                                  cjose_header_release);
    for (const auto& [name, value] : members) {
      if (value.empty()) continue;
      const bool text = value.front() == '"';  // cjose takes texts bare, and lists and objects as JSON.
      const std::string bare = text ? value.substr(1, value.size() - 2) : value;
      GW_CHECK((text ? cjose_header_set : cjose_header_set_raw)(header.get(), name.c_str(), bare.c_str(), nullptr),
               name);
    }
    const std::unique_ptr<cjose_jws_t, decltype(&cjose_jws_release)> jws(
        cjose_jws_sign(jwk, header.get(), reinterpret_cast<const std::uint8_t*>(payload.data()), payload.size(),
                       nullptr),
        cjose_jws_release);
    const char* text = nullptr;
    GW_CHECK(jws != nullptr && cjose_jws_export(jws.get(), &text, nullptr));
    return text;
  }

  std::string id_;
  std::shared_ptr<EVP_PKEY> key_;
};

// {"keys":[…]} of these JWKs.
inline std::string key_set_text(const std::vector<std::string>& jwks) {
  std::string text;
  for (const std::string& jwk : jwks) text += (text.empty() ? "" : ",") + jwk;
  return R"({"keys":[)" + text + "]}";
}

}  // namespace gw::testing
