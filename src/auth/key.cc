#include "auth/key.h"

#include <algorithm>

#include <cjose/jwk.h>
#include <cjose/jws.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

namespace gw::auth {
namespace {

constexpr std::string_view rsa_algorithms[] = {"RS256", "RS384", "RS512", "PS256", "PS384", "PS512"};
constexpr std::string_view ec_algorithms[] = {"ES256", "ES384", "ES512"};

bool is_one_of(std::span<const std::string_view> algorithms, std::string_view alg) {
  return std::ranges::find(algorithms, alg) != algorithms.end();
}

template <auto function>
struct Freed {
  void operator()(auto* object) const { function(object); }
};
using Jws = std::unique_ptr<cjose_jws_t, Freed<cjose_jws_release>>;
using Bio = std::unique_ptr<BIO, Freed<BIO_free>>;
using PublicKey = std::unique_ptr<EVP_PKEY, Freed<EVP_PKEY_free>>;

// cjose leaves OpenSSL's errors behind, which the next TLS connection of this thread would take for its own.
struct ErrorsCleared {
  ~ErrorsCleared() { ERR_clear_error(); }
};

// A coordinate of a point on P-256 in 32 bytes; empty when there is none.
std::string coordinate(const EVP_PKEY* key, const char* name) {
  BIGNUM* number = nullptr;
  if (EVP_PKEY_get_bn_param(key, name, &number) != 1) return {};
  std::string bytes(32, '\0');
  const int size = BN_bn2binpad(number, reinterpret_cast<unsigned char*>(bytes.data()), 32);
  BN_free(number);
  return size == 32 ? bytes : std::string();
}

}  // namespace

void ReleaseJwk::operator()(_cjose_jwk_int* key) const {
  cjose_jwk_release(key);
}

bool is_supported_algorithm(std::string_view alg) {
  return is_one_of(rsa_algorithms, alg) || is_one_of(ec_algorithms, alg);
}

Jwk import_jwk(std::string_view json) {
  const ErrorsCleared cleared;
  return Jwk(cjose_jwk_import(json.data(), json.size(), nullptr));
}

bool KeySet::Key::fits(std::string_view alg) const {
  if (!algorithm.empty() && algorithm != alg) return false;
  return curve_algorithm.empty() ? is_one_of(rsa_algorithms, alg) : alg == curve_algorithm;
}

bool KeySet::Key::verifies(std::string_view token, std::size_t size) const {
  const ErrorsCleared cleared;
  if (size != signature_size) return false;  // cjose takes an ECDSA signature of any length.
  const Jws jws(cjose_jws_import(token.data(), token.size(), nullptr));
  return jws != nullptr && cjose_jws_verify(jws.get(), jwk.get(), nullptr);
}

std::optional<KeySet::Key> KeySet::Key::from_p256_pem(std::string_view pem) {
  const ErrorsCleared cleared;
  const Bio text(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  const auto no_password = [](char*, int, int, void*) { return -1; };  // Else OpenSSL asks at the terminal.
  const PublicKey pkey(PEM_read_bio_PUBKEY(text.get(), nullptr, no_password, nullptr));
  char group[32] = "";
  if (pkey == nullptr || EVP_PKEY_get_group_name(pkey.get(), group, sizeof group, nullptr) != 1 ||
      std::string_view(group) != "prime256v1") {
    return {};
  }
  std::string x = coordinate(pkey.get(), OSSL_PKEY_PARAM_EC_PUB_X);
  std::string y = coordinate(pkey.get(), OSSL_PKEY_PARAM_EC_PUB_Y);
  const cjose_jwk_ec_keyspec spec{.crv = CJOSE_JWK_EC_P_256,
                                  .x = reinterpret_cast<std::uint8_t*>(x.data()),
                                  .xlen = x.size(),
                                  .y = reinterpret_cast<std::uint8_t*>(y.data()),
                                  .ylen = y.size()};
  Key key{.curve_algorithm = "ES256", .signature_size = 64, .jwk = Jwk(cjose_jwk_create_EC_spec(&spec, nullptr))};
  if (key.jwk == nullptr) return {};
  return key;
}

}  // namespace gw::auth
