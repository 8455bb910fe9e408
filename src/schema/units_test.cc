#include "schema/units.h"

#include <gtest/gtest.h>

namespace gw::schema {
namespace {

using namespace std::chrono_literals;

TEST(Units, DurationsAreReadWithTheirUnits) {
  EXPECT_EQ(parse_duration("30s"), 30s);
  EXPECT_EQ(parse_duration("1h30m"), 90min);
  EXPECT_EQ(parse_duration("250ms"), 250ms);
  EXPECT_EQ(parse_duration("2d"), 48h);
  EXPECT_EQ(parse_duration("0"), 0s);
}

TEST(Units, DurationsWithoutSenseAreRefused) {
  for (const char* text : {"", "30", "s", "30 s", "-1s", "5m1h", "1s1s", "1.5s", "99999999999999999999s", "10001d"}) {
    EXPECT_FALSE(parse_duration(text)) << text;
  }
}

TEST(Units, DurationsAreWrittenAsTheyAreRead) {
  for (const char* text : {"0s", "10s", "1m30s", "24h", "2d", "36h", "1h1ms"}) {
    ASSERT_TRUE(parse_duration(text)) << text;
    EXPECT_EQ(format_duration(*parse_duration(text)), text);
  }
}

TEST(Units, SizesAreReadAndWrittenInPowersOfTwo) {
  EXPECT_EQ(parse_size("64KiB"), 65536u);
  EXPECT_EQ(parse_size("16 MiB"), 16u << 20);
  EXPECT_EQ(parse_size("123"), 123u);
  EXPECT_EQ(format_size(65536), "64KiB");
  EXPECT_EQ(format_size(1000), "1000");
  EXPECT_EQ(format_size(0), "0");
  for (const char* text : {"", "KiB", "1KB", "1.5MiB", "-1", "99999999999GiB", "1KiB2B"}) {
    EXPECT_FALSE(parse_size(text)) << text;
  }
}

}  // namespace
}  // namespace gw::schema
