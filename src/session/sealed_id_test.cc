#include "session/sealed_id.h"

#include <gtest/gtest.h>

namespace gw::session {
namespace {

constexpr std::int64_t now = 1'800'000'000;
const Sealed sample{"mcp-example-0", "5f1c0b9e-upstream", "01JD0ADAPTER", "user@example", now + 60};

std::shared_ptr<const Keyring> fresh_keys() {
  return std::make_shared<Keyring>(Keyring::generate());
}

TEST(SealedId, OpensToWhatWasSealed) {
  Sealer sealer(fresh_keys());
  const auto id = sealer.seal(sample);
  ASSERT_TRUE(id);
  const auto opened = sealer.open(*id, now);
  ASSERT_TRUE(opened);
  EXPECT_EQ(*opened, sample);
}

TEST(SealedId, HoldsOnlyCharactersThatTheHeaderAllowsAndHidesItsContent) {
  Sealer sealer(fresh_keys());
  const std::string id = *sealer.seal(sample);
  EXPECT_EQ(id.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"),
            std::string::npos);
  EXPECT_NE(id, *sealer.seal(sample));
  EXPECT_LE(id.size(), 160u);
}

TEST(SealedId, AnyGatewayWithTheKeysOpensIt) {
  const auto keys = fresh_keys();
  const std::string id = *Sealer(keys).seal(sample);
  EXPECT_TRUE(Sealer(keys).open(id, now));
  EXPECT_FALSE(Sealer(fresh_keys()).open(id, now));
}

TEST(SealedId, SurvivesRotationUntilItsKeyIsForgotten) {
  const auto keys = fresh_keys();
  const std::string id = *Sealer(keys).seal(sample);
  const auto rotated = std::make_shared<Keyring>(keys->rotated(1));
  EXPECT_TRUE(Sealer(rotated).open(id, now));
  EXPECT_FALSE(Sealer(std::make_shared<Keyring>(rotated->rotated(1))).open(id, now));
}

TEST(SealedId, ExpiryIsTheFirstSecondOfTheEnd) {
  Sealer sealer(fresh_keys());
  const std::string id = *sealer.seal(sample);
  EXPECT_TRUE(sealer.open(id, sample.expires - 1));
  EXPECT_FALSE(sealer.open(id, sample.expires));
}

TEST(SealedId, EveryChangedCharacterAndEveryCutGivesTheSameAnswer) {
  Sealer sealer(fresh_keys());
  const std::string id = *sealer.seal(sample);
  for (std::size_t i = 0; i < id.size(); ++i) {
    std::string forged = id;
    forged[i] = forged[i] == 'A' ? 'B' : 'A';
    const auto opened = sealer.open(forged, now);
    ASSERT_FALSE(opened) << i;
    EXPECT_EQ(opened.error(), unknown_session());
    EXPECT_FALSE(sealer.open(id.substr(0, i), now)) << i;
  }
  EXPECT_TRUE(sealer.open(id, now));
  for (const auto& text : {std::string("é"), std::string(100'000, 'A'), id + "A", id + "="}) {
    EXPECT_EQ(sealer.open(text, now).error(), unknown_session());
  }
}

TEST(SealedId, WhatAServerMayNotSendIsRefused) {
  Sealer sealer(fresh_keys());
  const auto with_session = [&](std::string_view session) {
    Sealed sealed = sample;
    sealed.upstream_session = session;
    return sealer.seal(sealed);
  };
  EXPECT_EQ(with_session("").error().code(), Errc::invalid);
  EXPECT_EQ(with_session("a b").error().code(), Errc::invalid);
  EXPECT_EQ(with_session(std::string(1025, 'x')).error().code(), Errc::too_large);
  const std::string longest(1024, 'x');
  const auto id = with_session(longest);
  ASSERT_TRUE(id);
  EXPECT_EQ(sealer.open(*id, now)->upstream_session, longest);
}

}  // namespace
}  // namespace gw::session
