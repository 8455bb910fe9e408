#include "auth/capabilities.h"

#include <gtest/gtest.h>

#include "testing/tokens.h"

namespace gw::auth {
namespace {

using policy::ItemKind;
using testing::SigningKey;
constexpr std::int64_t now = 1'800'000'000;

const SigningKey& key() {
  static const SigningKey made = SigningKey::ec("");
  return made;
}

Result<Capabilities> verified(std::string_view token) {
  return (*CapabilityVerifier::make(key().public_pem()))->verify(token, now);
}

std::string error_of(std::string_view token) {
  const auto capabilities = verified(token);
  return capabilities ? "accepted" : capabilities.error().message();
}

TEST(Capabilities, AreATextThatHoldsJson) {
  const auto capabilities = verified(
      key().sign(R"({"iss":"authorino","iat":1799999990,"exp":1800000300,"allowed-capabilities":)"
                 R"("{\"tools\":{\"mcp-test/server1\":[\"greet\",\"time\"],\"plain\":[\"x\"]},\"prompts\":{}}"})"));
  ASSERT_TRUE(capabilities) << capabilities.error().message();
  EXPECT_TRUE(capabilities->allows(ItemKind::tool, "server1", "greet"));
  EXPECT_TRUE(capabilities->allows(ItemKind::tool, "plain", "x"));
  EXPECT_FALSE(capabilities->allows(ItemKind::tool, "server1", "x"));
  EXPECT_FALSE(capabilities->allows(ItemKind::tool, "server2", "greet"));
  EXPECT_FALSE(capabilities->allows(ItemKind::prompt, "server1", "greet"));
  EXPECT_TRUE(capabilities->covers(ItemKind::tool));
  EXPECT_TRUE(capabilities->covers(ItemKind::prompt));
  EXPECT_FALSE(capabilities->covers(ItemKind::resource));
}

TEST(Capabilities, MayBeAnObject) {
  const auto capabilities = verified(key().sign(R"({"allowed-capabilities":{"prompts":{"s":["p"]}}})"));
  ASSERT_TRUE(capabilities) << capabilities.error().message();
  EXPECT_TRUE(capabilities->allows(ItemKind::prompt, "s", "p"));
}

TEST(Capabilities, ResourcesAreNamedByUriOrByTheirAuthority) {
  const auto capabilities =
      verified(key().sign(R"({"allowed-capabilities":{"resources":{"s":["file:///a","docs.example"]}}})"));
  ASSERT_TRUE(capabilities) << capabilities.error().message();
  EXPECT_TRUE(capabilities->allows(ItemKind::resource, "s", "file:///a"));
  EXPECT_TRUE(capabilities->allows(ItemKind::resource, "s", "wiki://docs.example/page"));
  EXPECT_FALSE(capabilities->allows(ItemKind::resource, "s", "file:///b"));
  EXPECT_FALSE(capabilities->allows(ItemKind::resource, "s", "wiki://other.example/docs.example"));
}

TEST(Capabilities, TheOlderClaimIsAboutToolsOnly) {
  const auto capabilities = verified(key().sign(R"({"allowed-tools":"{\"mcp-test/server1-route\":[\"greet\"]}"})"));
  ASSERT_TRUE(capabilities) << capabilities.error().message();
  EXPECT_TRUE(capabilities->allows(ItemKind::tool, "server1-route", "greet"));
  EXPECT_FALSE(capabilities->covers(ItemKind::prompt));
}

TEST(Capabilities, AllowNothingByThemselves) {
  const Capabilities none;
  for (const ItemKind kind : {ItemKind::none, ItemKind::tool, ItemKind::prompt, ItemKind::resource}) {
    EXPECT_FALSE(none.covers(kind));
    EXPECT_FALSE(none.allows(kind, "s", "x"));
  }
}

TEST(Capabilities, EveryWrongClaimIsRefused) {
  for (const char* payload : {
           R"({})",
           R"({"allowed-capabilities":7})",
           R"({"allowed-capabilities":"nonsense"})",
           R"({"allowed-capabilities":"[]"})",
           R"({"allowed-capabilities":"{\"tools\":[]}"})",
           R"({"allowed-capabilities":{"tools":{"s":"t"}}})",
           R"({"allowed-capabilities":{"tools":{"s":["t",7]}}})",
           R"({"allowed-capabilities":{"tools":{"a/s":["t"],"b/s":["u"]}}})",
           R"({"allowed-capabilities":"{\"tools\":{},\"tools\":{\"s\":[\"t\"]}}"})",
           R"({"allowed-capabilities":7,"allowed-tools":{"s":["t"]}})",
           R"({"allowed-tools":{"s":["t"]},"exp":1800000000})",
           R"({"allowed-tools":{"s":["t"]},"exp":"1900000000"})",
           R"({"allowed-tools":{"s":["t"]},"nbf":1800000001})",
           R"([])",
           "x",
       }) {
    EXPECT_NE(error_of(key().sign(payload)), "accepted") << payload;
  }
  EXPECT_EQ(error_of(key().sign(R"({"allowed-tools":{"s":["t"]},"exp":1800000001,"nbf":1800000000})")), "accepted");
}

TEST(Capabilities, OnlyEs256OfTheOneKeyCounts) {
  constexpr std::string_view payload = R"({"allowed-tools":{"s":["t"]}})";
  EXPECT_EQ(error_of(key().sign(payload)), "accepted");
  EXPECT_NE(error_of(SigningKey::ec("").sign(payload)).find("signature"), std::string::npos);
  EXPECT_NE(error_of(SigningKey::rsa("").sign(payload)).find("ES256"), std::string::npos);
  EXPECT_NE(error_of(SigningKey::ec("", "P-384").sign(payload)).find("ES256"), std::string::npos);
  EXPECT_NE(error_of(SigningKey::sign_symmetric(key().public_pem(), payload, {{"alg", R"("HS256")"}})), "accepted");
  const std::string good = key().sign(payload);
  EXPECT_NE(error_of(good.substr(0, good.rfind('.') + 1)), "accepted");
  EXPECT_NE(error_of(""), "accepted");
}

TEST(Capabilities, TheKeyMustBeAPublicOneOnP256) {
  EXPECT_TRUE(CapabilityVerifier::make(key().public_pem()));
  for (const std::string& pem : {SigningKey::rsa("").public_pem(), SigningKey::ec("", "P-384").public_pem(),
                                 std::string("nonsense"), std::string()}) {
    const auto made = CapabilityVerifier::make(pem);
    ASSERT_FALSE(made);
    EXPECT_EQ(made.error().code(), Errc::invalid);
  }
}

}  // namespace
}  // namespace gw::auth
