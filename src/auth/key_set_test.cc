#include "auth/key_set.h"

#include <gtest/gtest.h>

#include "testing/tokens.h"

namespace gw::auth {
namespace {

using testing::key_set_text;
using testing::SigningKey;

const SigningKey& rsa() {
  static const SigningKey key = SigningKey::rsa("r");
  return key;
}
const SigningKey& ec() {
  static const SigningKey key = SigningKey::ec("e");
  return key;
}

std::vector<std::string> ids_of(const std::string& text) {
  const auto keys = KeySet::parse(text);
  return keys ? (*keys)->ids() : std::vector<std::string>{keys.error().message()};
}

TEST(KeySet, KeepsWhatCanVerifySignatures) {
  const SigningKey p384 = SigningKey::ec("p384", "P-384"), p521 = SigningKey::ec("p521", "P-521");
  EXPECT_EQ(ids_of(key_set_text({rsa().public_jwk(""), ec().public_jwk(), p384.public_jwk(), p521.public_jwk()})),
            (std::vector<std::string>{"r", "e", "p384", "p521"}));
}

TEST(KeySet, PassesOverEverythingElse) {
  const std::string good = ec().public_jwk();
  for (const std::string& other : {
           std::string(R"({"kty":"oct","kid":"o","k":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA","use":"sig"})"),
           std::string(R"({"kty":"OKP","kid":"o","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"})"),
           rsa().public_jwk(R"(,"use":"enc")"),
           rsa().public_jwk(R"(,"use":7)"),
           SigningKey::rsa("weak", 1024).public_jwk(),
           // On no curve, and without a coordinate.
           std::string(R"({"kty":"EC","kid":"x","crv":"P-256","x":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAE",)"
                       R"("y":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAE"})"),
           std::string(R"({"kty":"EC","kid":"x","crv":"P-256","x":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAE"})"),
           std::string(R"({"kty":"RSA","kid":"x","e":"AQAB"})"),
           std::string("7"),
       }) {
    EXPECT_EQ(ids_of(key_set_text({other, good})), std::vector<std::string>{"e"}) << other;
    EXPECT_FALSE(KeySet::parse(key_set_text({other}))) << other;
  }
}

TEST(KeySet, AnRsaKeyIsAsLargeAsItsNumberAndHasARealExponent) {
  const std::string weak_but_padded =
      R"({"kty":"RSA","e":"AQAB","n":")" + base64url_encode(std::string(128, '\0') + std::string(128, '\xff')) + "\"}";
  EXPECT_FALSE(KeySet::parse(key_set_text({weak_but_padded})));
  for (const auto& [exponent, good] :
       std::map<std::string, bool>{{"AQ", false}, {"Ag", false}, {"", false}, {"Aw", true}}) {
    const std::string jwk =
        R"({"kty":"RSA","n":")" + base64url_encode(std::string(256, '\xff')) + R"(","e":")" + exponent + "\"}";
    EXPECT_EQ(KeySet::parse(key_set_text({jwk})).has_value(), good) << exponent;
  }
  const std::string huge = R"({"kty":"RSA","e":"AQAB","n":")" + base64url_encode(std::string(1025, '\xff')) + "\"}";
  EXPECT_FALSE(KeySet::parse(key_set_text({huge})));
}

TEST(KeySet, WhatIsNoKeySetIsRefusedWithItsReason) {
  for (const char* text : {"", "[]", "{}", R"({"keys":{}})", R"({"keys":[]})", R"({"keys":[],"keys":[]})"}) {
    const auto keys = KeySet::parse(text);
    ASSERT_FALSE(keys) << text;
    EXPECT_EQ(keys.error().code(), Errc::invalid) << text;
    EXPECT_NE(keys.error().message().find("JSON Web Key Set"), std::string::npos) << keys.error().message();
  }
  EXPECT_FALSE(KeySet::parse(std::string(2 << 20, ' ')));
}

TEST(KeySet, HoldsAHundredKeysAtMost) {
  EXPECT_EQ(ids_of(key_set_text(std::vector<std::string>(120, ec().public_jwk()))).size(), 100u);
}

TEST(KeySet, KeysAreFoundByTheirIdAndKeysWithoutOneByNone) {
  const SigningKey nameless = SigningKey::ec("");
  const auto keys = KeySet::parse(key_set_text({rsa().public_jwk(), ec().public_jwk(), nameless.public_jwk()}));
  ASSERT_TRUE(keys);
  EXPECT_EQ((*keys)->find("r").size(), 1u);
  EXPECT_EQ((*keys)->find("").size(), 1u);
  EXPECT_TRUE((*keys)->find("R").empty());
}

TEST(KeySet, KnowsItsKeysInAnotherSet) {
  const auto keys = KeySet::parse(key_set_text({rsa().public_jwk(), ec().public_jwk()}));
  const auto again = KeySet::parse(key_set_text({ec().public_jwk(R"(,"x5t":"AA")")}));
  const auto reused_id = KeySet::parse(key_set_text({SigningKey::ec("e").public_jwk()}));
  ASSERT_TRUE(keys && again && reused_id);
  EXPECT_EQ((*again)->same(*(*keys)->find("e").front()), (*again)->find("e").front());
  EXPECT_EQ((*again)->same(*(*keys)->find("r").front()), nullptr);
  EXPECT_EQ((*reused_id)->same(*(*keys)->find("e").front()), nullptr);
}

}  // namespace
}  // namespace gw::auth
