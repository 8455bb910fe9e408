#include "json/timestamp.h"

#include <gtest/gtest.h>

namespace gw::json {
namespace {

TEST(Timestamp, IsWrittenInUtcWithMilliseconds) {
  EXPECT_EQ(format_timestamp(WallTime{}), "1970-01-01T00:00:00.000Z");
  EXPECT_EQ(format_timestamp(WallTime(std::chrono::milliseconds(1'787'304'600'125))), "2026-08-21T09:30:00.125Z");
}

TEST(Timestamp, IsReadBackFromWhatWasWritten) {
  for (const std::int64_t ms : {0LL, 1LL, 951'782'400'000LL, 4'102'444'799'999LL, -1LL}) {
    const WallTime time{std::chrono::milliseconds(ms)};
    EXPECT_EQ(parse_timestamp(format_timestamp(time)), time) << ms;
  }
}

TEST(Timestamp, OffsetsAndFractionsAreUnderstood) {
  const auto time = parse_timestamp("2026-08-21T09:30:00.125Z");
  ASSERT_TRUE(time);
  EXPECT_EQ(parse_timestamp("2026-08-21T11:30:00.125999+02:00"), time);
  EXPECT_EQ(parse_timestamp("2026-08-21t04:00:00.125-05:30"), time);
  EXPECT_EQ(parse_timestamp("2026-08-21T09:30:00Z"), *time - std::chrono::milliseconds(125));
}

TEST(Timestamp, NonsenseIsRefused) {
  for (const char* text : {"", "2026-08-21", "2026-02-30T00:00:00Z", "2026-08-21T24:00:00Z", "2026-08-21T09:30:00",
                           "2026-08-21T09:30:00.Z", "2026-08-21T09:30:00Zx", "2026-13-01T00:00:00Z"}) {
    EXPECT_FALSE(parse_timestamp(text)) << text;
  }
}

}  // namespace
}  // namespace gw::json
