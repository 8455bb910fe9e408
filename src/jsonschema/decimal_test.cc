#include "jsonschema/decimal.h"

#include <gtest/gtest.h>

namespace gw::jsonschema {
namespace {

int order(std::string_view a, std::string_view b) {
  return compare(Decimal(a), Decimal(b));
}

TEST(Decimal, ComparesByValueNotByNotation) {
  EXPECT_EQ(order("1", "1.0"), 0);
  EXPECT_EQ(order("100", "1e2"), 0);
  EXPECT_EQ(order("-0", "0.0e7"), 0);
  EXPECT_LT(order("-3", "2"), 0);
  EXPECT_LT(order("-3", "-2.5"), 0);
  EXPECT_GT(order("10", "9.99"), 0);
  EXPECT_LT(order("0.001", "0.01"), 0);
}

TEST(Decimal, KeepsEveryDigit) {
  EXPECT_GT(order("9007199254740993", "9007199254740992"), 0);
  EXPECT_GT(order("0.10000000000000000000000000001", "0.1"), 0);
  EXPECT_LT(order("123456789012345678901234567890", "123456789012345678901234567891"), 0);
}

TEST(Decimal, TakesExponentsOfEverySize) {
  EXPECT_GT(order("1e99999999999999999999", "1e308"), 0);
  EXPECT_GT(order("1e-400", "0"), 0);
  EXPECT_EQ(order("0e99999999999999999999", "0"), 0);
}

TEST(Decimal, KnowsIntegers) {
  EXPECT_TRUE(Decimal("1.0").is_integer());
  EXPECT_TRUE(Decimal("12e30").is_integer());
  EXPECT_TRUE(Decimal("-0.0").is_integer());
  EXPECT_FALSE(Decimal("1.5").is_integer());
  EXPECT_FALSE(Decimal("1e-1").is_integer());
}

TEST(Decimal, DividesExactly) {
  EXPECT_TRUE(Decimal("0.3").is_multiple_of(Decimal("0.1")));
  EXPECT_TRUE(Decimal("1e308").is_multiple_of(Decimal("0.5")));
  EXPECT_TRUE(Decimal("9007199254740993").is_multiple_of(Decimal("3")));
  EXPECT_FALSE(Decimal("9007199254740992").is_multiple_of(Decimal("3")));
  EXPECT_FALSE(Decimal("0.35").is_multiple_of(Decimal("0.1")));
  EXPECT_TRUE(Decimal("0").is_multiple_of(Decimal("7")));
  EXPECT_TRUE(Decimal("-4.5").is_multiple_of(Decimal("1.5")));
  EXPECT_FALSE(Decimal("15").is_multiple_of(Decimal("10")));
}

}  // namespace
}  // namespace gw::jsonschema
