#include "base/secret_string.h"

#include <gtest/gtest.h>

#include <concepts>
#include <ostream>

#include <fmt/core.h>

namespace gw {
namespace {

static_assert(!fmt::is_formattable<SecretString>::value);
template <class T>
concept Printable = requires(std::ostream& out, const T& value) { out << value; };
static_assert(!Printable<SecretString>);
static_assert(!std::equality_comparable<SecretString>);
static_assert(!std::is_convertible_v<SecretString, std::string>);
static_assert(!std::is_convertible_v<SecretString, std::string_view>);

TEST(SecretString, MatchesTheSameTextOnly) {
  const SecretString secret("correct horse");
  EXPECT_TRUE(secret.matches("correct horse"));
  EXPECT_FALSE(secret.matches("correct hors"));
  EXPECT_FALSE(secret.matches("correct horsE"));
  EXPECT_FALSE(secret.matches(""));
  EXPECT_TRUE(SecretString().matches(""));
}

TEST(SecretString, WhatWasMovedAwayIsEmpty) {
  SecretString from("battery");
  SecretString to(std::move(from));
  EXPECT_TRUE(from.empty());
  EXPECT_EQ(to.reveal(), "battery");
  from = std::move(to);
  EXPECT_TRUE(to.empty());
  EXPECT_EQ(from.reveal(), "battery");
}

}  // namespace
}  // namespace gw
