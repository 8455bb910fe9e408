#include "auth/token_cache.h"

#include <gtest/gtest.h>

#include "auth/key.h"

namespace gw::auth {
namespace {

TokenCache::Entry entry(std::string token, std::int64_t expires = 100, const KeySet::Key* key = nullptr) {
  return {SecretString(std::move(token)),
          std::make_shared<const identity::Principal>(identity::Principal{.user = "u", .expires = expires}),
          {},
          key};
}

TEST(TokenCache, FindsTheWholeTokenOnly) {
  TokenCache cache;
  const std::string tail(40, 's');
  cache.insert(entry("head." + tail));
  EXPECT_NE(cache.find("head." + tail, 1), nullptr);
  EXPECT_EQ(cache.find("HEAD." + tail, 1), nullptr);
  EXPECT_EQ(cache.find("", 1), nullptr);
}

TEST(TokenCache, ForgetsWhatHasExpired) {
  TokenCache cache;
  cache.insert(entry("a", 10));
  cache.insert(entry("b", 20));
  cache.insert(entry("c", 30));
  EXPECT_NE(cache.find("a", 9), nullptr);
  EXPECT_EQ(cache.find("a", 10), nullptr);
  EXPECT_EQ(cache.size(), 2u);
  cache.drop_expired(20);
  EXPECT_EQ(cache.size(), 1u);
  EXPECT_NE(cache.find("c", 20), nullptr);
}

TEST(TokenCache, TheOneThatWasLongestNotAskedForMakesRoom) {
  TokenCache cache(2);
  cache.insert(entry("a"));
  cache.insert(entry("b"));
  EXPECT_NE(cache.find("a", 1), nullptr);
  cache.insert(entry("c"));
  EXPECT_EQ(cache.size(), 2u);
  EXPECT_NE(cache.find("a", 1), nullptr);
  EXPECT_EQ(cache.find("b", 1), nullptr);
}

TEST(TokenCache, HoldsTenThousandByDefault) {
  TokenCache cache;
  for (int i = 0; i < 10'001; ++i) cache.insert(entry(std::to_string(i)));
  EXPECT_EQ(cache.size(), 10'000u);
}

TEST(TokenCache, TheSameTokenTwiceIsOneEntry) {
  TokenCache cache;
  cache.insert(entry("a", 10));
  cache.insert(entry("a", 50));
  EXPECT_EQ(cache.size(), 1u);
  EXPECT_NE(cache.find("a", 20), nullptr);
}

TEST(TokenCache, KeysThatAreWithdrawnTakeTheirTokensWithThem) {
  const KeySet::Key old_key, gone, new_key;
  TokenCache cache;
  cache.insert(entry("stays", 100, &old_key));
  cache.insert(entry("goes", 100, &gone));
  cache.keep_only({{&old_key, &new_key}});
  EXPECT_EQ(cache.find("goes", 1), nullptr);
  const auto* stayed = cache.find("stays", 1);
  ASSERT_NE(stayed, nullptr);
  EXPECT_EQ(stayed->key, &new_key);
}

}  // namespace
}  // namespace gw::auth
