#include "telemetry/log_sink.h"

#include <gtest/gtest.h>

namespace gw::telemetry {
namespace {

std::string line(LogStyle style, std::initializer_list<log::Field> fields) {
  const WallTime time{std::chrono::milliseconds(1'000'000'000'123)};
  return format_event(style, time, log::Level::warn, "thing.happened", {fields.begin(), fields.size()});
}

TEST(LogSink, WritesOneLinePerEvent) {
  EXPECT_EQ(line(LogStyle::text, {{"adapter", "a"}, {"count", 3}, {"error", "no such file"}}),
            "2001-09-09T01:46:40.123Z warn  thing.happened adapter=a count=3 error=\"no such file\"");
  EXPECT_EQ(line(LogStyle::json, {{"adapter", "a"}, {"count", 3}}),
            R"({"time":"2001-09-09T01:46:40.123Z","level":"warn","event":"thing.happened","adapter":"a","count":3})");
}

TEST(LogSink, AValueCannotForgeAnotherLine) {
  const std::string evil = "x\n2026-01-01 error all.lost \x1b[31m\"";
  for (const LogStyle style : {LogStyle::text, LogStyle::json}) {
    const std::string written = line(style, {{"name", evil}});
    EXPECT_EQ(written.find('\n'), std::string::npos);
    EXPECT_EQ(written.find('\x1b'), std::string::npos);
    EXPECT_NE(written.find("\\\""), std::string::npos);
  }
}

}  // namespace
}  // namespace gw::telemetry
