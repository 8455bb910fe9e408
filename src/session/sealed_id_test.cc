#include "session/sealed_id.h"

#include <gtest/gtest.h>

namespace gw::session {
namespace {

constexpr std::int64_t now = 1'800'000'000;
const Sealed sample{"mcp-example-0", "5f1c0b9e-upstream", now + 60};
const Owner owner{"01JD0ADAPTER", "user@example"};

std::shared_ptr<const Keyring> fresh_keys() {
  return std::make_shared<Keyring>(Keyring::generate());
}

TEST(SealedId, OpensToWhatWasSealed) {
  Sealer sealer(fresh_keys());
  const auto id = sealer.seal(sample, owner);
  ASSERT_TRUE(id);
  const auto opened = sealer.open(*id, owner, now);
  ASSERT_TRUE(opened);
  EXPECT_EQ(*opened, sample);
}

TEST(SealedId, HoldsOnlyCharactersThatTheHeaderAllowsAndHidesItsContent) {
  Sealer sealer(fresh_keys());
  const std::string id = *sealer.seal(sample, owner);
  EXPECT_EQ(id.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"),
            std::string::npos);
  EXPECT_NE(id, *sealer.seal(sample, owner));
  EXPECT_LE(id.size(), 91u);
}

TEST(SealedId, AnyGatewayWithTheKeysOpensIt) {
  const auto keys = fresh_keys();
  const std::string id = *Sealer(keys).seal(sample, owner);
  EXPECT_TRUE(Sealer(keys).open(id, owner, now));
  EXPECT_FALSE(Sealer(fresh_keys()).open(id, owner, now));
}

TEST(SealedId, SurvivesRotationUntilItsKeyIsForgotten) {
  const auto keys = fresh_keys();
  const std::string id = *Sealer(keys).seal(sample, owner);
  const auto rotated = std::make_shared<Keyring>(keys->rotated(1));
  EXPECT_TRUE(Sealer(rotated).open(id, owner, now));
  EXPECT_FALSE(Sealer(std::make_shared<Keyring>(rotated->rotated(1))).open(id, owner, now));
}

TEST(SealedId, SomebodyElsesIdIsAsGoodAsAForgedOne) {
  Sealer sealer(fresh_keys());
  const std::string id = *sealer.seal(sample, owner);
  for (const Owner& other : {Owner{"01JD0ADAPTER", "bob@example"}, Owner{"01JD0ADAPTER", ""}, Owner{"", "user@example"},
                             Owner{"01JD0OTHER00", "user@example"}, Owner{"01JD0ADAPTERu", "ser@example"},
                             Owner{"01JD0ADAPTE", "Ruser@example"}}) {
    const auto opened = sealer.open(id, other, now);
    ASSERT_FALSE(opened) << other.adapter_uid << " " << other.principal;
    EXPECT_EQ(opened.error(), unknown_session());
  }
  EXPECT_TRUE(sealer.open(id, owner, now));
}

TEST(SealedId, NobodysSessionIsNotSomebodys) {
  Sealer sealer(fresh_keys());
  const Owner nobody{"01JD0ADAPTER", ""};
  const std::string id = *sealer.seal(sample, nobody);
  EXPECT_EQ(*sealer.open(id, nobody, now), sample);
  EXPECT_FALSE(sealer.open(id, owner, now));
}

TEST(SealedId, AnOwnerOfAnyLengthMakesTheIdNoLonger) {
  Sealer sealer(fresh_keys());
  const std::string longest(100'000, 'u');
  EXPECT_EQ(sealer.seal(sample, {"a", longest})->size(), sealer.seal(sample, {"a", ""})->size());
}

TEST(SealedId, ExpiryIsTheFirstSecondOfTheEnd) {
  Sealer sealer(fresh_keys());
  const std::string id = *sealer.seal(sample, owner);
  EXPECT_TRUE(sealer.open(id, owner, sample.expires - 1));
  EXPECT_FALSE(sealer.open(id, owner, sample.expires));
}

TEST(SealedId, EveryChangedCharacterAndEveryCutGivesTheSameAnswer) {
  Sealer sealer(fresh_keys());
  const std::string id = *sealer.seal(sample, owner);
  for (std::size_t i = 0; i < id.size(); ++i) {
    std::string forged = id;
    forged[i] = forged[i] == 'A' ? 'B' : 'A';
    const auto opened = sealer.open(forged, owner, now);
    ASSERT_FALSE(opened) << i;
    EXPECT_EQ(opened.error(), unknown_session());
    EXPECT_FALSE(sealer.open(id.substr(0, i), owner, now)) << i;
  }
  EXPECT_TRUE(sealer.open(id, owner, now));
  for (const auto& text : {std::string("é"), std::string(100'000, 'A'), id + "A", id + "="}) {
    EXPECT_EQ(sealer.open(text, owner, now).error(), unknown_session());
  }
}

TEST(SealedId, WhatAServerMayNotSendIsRefused) {
  Sealer sealer(fresh_keys());
  const auto with_session = [&](std::string_view session) {
    Sealed sealed = sample;
    sealed.upstream_session = session;
    return sealer.seal(sealed, owner);
  };
  EXPECT_EQ(with_session("").error().code(), Errc::invalid);
  EXPECT_EQ(with_session("a b").error().code(), Errc::invalid);
  EXPECT_EQ(with_session(std::string(1025, 'x')).error().code(), Errc::too_large);
  const std::string longest(1024, 'x');
  const auto id = with_session(longest);
  ASSERT_TRUE(id);
  EXPECT_EQ(sealer.open(*id, owner, now)->upstream_session, longest);
}

}  // namespace
}  // namespace gw::session
