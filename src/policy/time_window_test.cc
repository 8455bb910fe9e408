#include "policy/time_window.h"

#include <gtest/gtest.h>

#include "json/timestamp.h"

namespace gw::policy {
namespace {

WallTime at(std::string_view text) {
  return json::parse_timestamp(text).value();
}

// 2026-01-30 is a Friday.
TEST(TimeWindow, IsPartOfAWeekInUtc) {
  struct Case {
    TimeWindow window;
    std::string_view time;
    bool inside;
  };
  const Case cases[] = {
      {{}, "2026-01-30T00:00:00Z", true},
      {{}, "2026-01-30T23:59:59.999Z", true},
      {{.days = {"fri"}}, "2026-01-30T12:00:00Z", true},
      {{.days = {"FRI"}}, "2026-01-30T12:00:00Z", true},
      {{.days = {"sat", "sun"}}, "2026-01-30T23:59:59Z", false},
      {{.days = {"sat", "sun"}}, "2026-01-31T00:00:00Z", true},
      {{.days = {"sat", "sun"}}, "2026-02-02T00:00:00Z", false},
      {{.from = "09:00", .to = "17:30"}, "2026-01-30T08:59:59Z", false},
      {{.from = "09:00", .to = "17:30"}, "2026-01-30T09:00:00Z", true},
      {{.from = "09:00", .to = "17:30"}, "2026-01-30T17:29:59Z", true},
      {{.from = "09:00", .to = "17:30"}, "2026-01-30T17:30:00Z", false},
      {{.from = "09:00", .to = "17:30"}, "2026-01-30T18:29:00+01:00", true},
      // Past midnight: the night that begins on Friday.
      {{.days = {"fri"}, .from = "22:00", .to = "06:00"}, "2026-01-30T22:00:00Z", true},
      {{.days = {"fri"}, .from = "22:00", .to = "06:00"}, "2026-01-31T05:59:00Z", true},
      {{.days = {"fri"}, .from = "22:00", .to = "06:00"}, "2026-01-31T06:00:00Z", false},
      {{.days = {"fri"}, .from = "22:00", .to = "06:00"}, "2026-01-30T05:00:00Z", false},
      {{.days = {"sun"}, .from = "22:00", .to = "06:00"}, "2026-02-02T05:00:00Z", true},
      {{.days = {"fri"}, .from = "10:00", .to = "10:00"}, "2026-01-31T09:59:00Z", true},
      {{.days = {"fri"}, .from = "10:00", .to = "10:00"}, "2026-01-30T09:59:00Z", false},
      // Before 1970.
      {{.days = {"wed"}}, "1969-12-31T23:59:59Z", true},
  };
  for (const Case& c : cases) {
    EXPECT_EQ(Window(c.window).contains(at(c.time)), c.inside) << c.time << " " << c.window.from << "-" << c.window.to;
  }
}

TEST(TimeWindow, ReadsTimesStrictly) {
  EXPECT_EQ(parse_time_of_day("00:00"), 0);
  EXPECT_EQ(parse_time_of_day("09:30"), 570);
  EXPECT_EQ(parse_time_of_day("24:00"), 1440);
  for (const char* bad : {"", "9:30", "24:01", "25:00", "12:60", "12-30", "12:3", "-1:00", "12:300"}) {
    EXPECT_FALSE(parse_time_of_day(bad)) << bad;
  }
  EXPECT_EQ(parse_day("mon"), 0);
  EXPECT_EQ(parse_day("Sun"), 6);
  EXPECT_FALSE(parse_day("monday"));
  EXPECT_EQ(format_weekly(at("2026-01-31T10:05:00Z")), "Saturday 10:05 UTC");
}

}  // namespace
}  // namespace gw::policy
