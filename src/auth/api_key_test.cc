#include "auth/api_key.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace gw::auth {
namespace {

using std::chrono::seconds;
constexpr WallTime now{seconds(1'800'000'000)};

TEST(ApiKey, IsMadeWithAnIdAndARandomPartAndKeptAsAHash) {
  const NewKey made = make_api_key("laptop", {"reader"}, "alice", now, now + seconds(60));
  EXPECT_THAT(std::string(made.made.reveal()), ::testing::MatchesRegex("mcpg_[a-z0-9]{12}_[A-Za-z0-9_-]{43}"));
  EXPECT_THAT(made.key.id, ::testing::MatchesRegex("[a-z0-9]{12}"));
  EXPECT_EQ(made.made.reveal().substr(5, 12), made.key.id);
  EXPECT_EQ(made.key.hash, hash_of_api_key(made.made.reveal()));
  EXPECT_EQ(made.key.name, "laptop");
  EXPECT_EQ(made.key.created_by, "alice");
  EXPECT_EQ(made.key.created_at, now);
  EXPECT_EQ(made.key.expires_at, now + seconds(60));
  const NewKey other = make_api_key("laptop", {}, "alice", now, {});
  EXPECT_NE(other.key.id, made.key.id);
  EXPECT_FALSE(other.made.matches(made.made.reveal()));
}

TEST(ApiKey, TheHashIsSha256) {
  EXPECT_EQ(hash_of_api_key("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST(ApiKey, OfTheConfigurationNeedsSixteenCharacters) {
  const auto key = configured_api_key("ci", SecretString("0123456789abcdef"), {"builder"});
  ASSERT_TRUE(key);
  EXPECT_EQ(key->id, "ci");
  EXPECT_EQ(key->created_by, "configuration");
  EXPECT_EQ(key->expires_at, std::nullopt);
  const auto tiny = configured_api_key("ci", SecretString("0123456789abcde"), {});
  ASSERT_FALSE(tiny);
  EXPECT_NE(tiny.error().message().find("'ci'"), std::string::npos);
  EXPECT_EQ(tiny.error().message().find("0123"), std::string::npos);
}

TEST(ApiKeys, GiveEachKeyAUserOfItsOwn) {
  const NewKey made = make_api_key("laptop", {"reader", "writer"}, "alice", now, now + seconds(60));
  const ApiKeys keys({make_api_key("other", {"admin"}, "bob", now, {}).key, made.key,
                      *configured_api_key("ci", SecretString("0123456789abcdef"), {"builder"})});
  EXPECT_FALSE(keys.empty());
  const auto who = keys.find(made.made.reveal(), now);
  ASSERT_NE(who, nullptr);
  EXPECT_EQ(*who, (identity::Principal{.method = identity::Method::api_key,
                                       .user = "key:" + made.key.id,
                                       .name = "laptop",
                                       .api_key = made.key.id,
                                       .roles = {"reader", "writer"},
                                       .expires = 1'800'000'060}));
  const auto ci = keys.find("0123456789abcdef", now);
  ASSERT_NE(ci, nullptr);
  EXPECT_EQ(ci->user, "key:ci");
  EXPECT_EQ(ci->expires, 0);
}

TEST(ApiKeys, DoNotKnowOthersAndForgetThemWhenTheyExpire) {
  const NewKey made = make_api_key("laptop", {}, "alice", now, now + seconds(60));
  const ApiKeys keys({made.key});
  const std::string text(made.made.reveal());
  EXPECT_NE(keys.find(text, now + seconds(59)), nullptr);
  EXPECT_EQ(keys.find(text, now + seconds(60)), nullptr);
  for (const std::string& other : {std::string(), text + "A", text.substr(1), made.key.id, made.key.hash}) {
    EXPECT_EQ(keys.find(other, now), nullptr) << other;
  }
  EXPECT_EQ(ApiKeys({}).find(text, now), nullptr);
  EXPECT_TRUE(ApiKeys({}).empty());
}

}  // namespace
}  // namespace gw::auth
