#include "limits/check.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "limits/limiter.h"

namespace gw::limits {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

const Rule good{.name = "ok", .rate = Rate{1, 1s}};

std::vector<std::string> problems(const Rules& rules) {
  std::vector<std::string> lines;
  for (const auto& problem : Limiter::check(rules)) lines.push_back(problem.field + ": " + problem.message);
  return lines;
}

TEST(LimitsCheck, AcceptsWhatCanBeEnforced) {
  EXPECT_THAT(problems({good,
                        {.name = "extremes", .rate = Rate{1'000'000, 1s}, .burst = 1'000'000},
                        {.name = "slow", .rate = Rate{1, 24h * 31}, .burst = 11},
                        {.name = "caps", .concurrency = 100'000, .queue = 0, .queue_timeout = 10min}}),
              ElementsAre());
}

TEST(LimitsCheck, SaysWhatIsWrongAndWhere) {
  const auto changed = [](auto change) {
    Rule rule = good;
    change(rule);
    return Rules{rule};
  };
  EXPECT_THAT(problems(changed([](Rule& r) { r.name = "a b"; })), ElementsAre(HasSubstr("limits[0].name: 'a b'")));
  EXPECT_THAT(problems({good, good}), ElementsAre(HasSubstr("limits[1].name: 'ok' is the name of an earlier limit")));
  EXPECT_THAT(problems({{.name = "none"}}), ElementsAre(HasSubstr("limits[0]: limits nothing")));
  EXPECT_THAT(problems(changed([](Rule& r) { r.rate->count = 0; })), ElementsAre(HasSubstr("limits[0].rate: ")));
  EXPECT_THAT(problems(changed([](Rule& r) { r.rate->count = 1'000'001; })), ElementsAre(HasSubstr(".rate: ")));
  EXPECT_THAT(problems(changed([](Rule& r) { r.rate->period = 999ms; })), ElementsAre(HasSubstr("between 1s and 31d")));
  EXPECT_THAT(problems(changed([](Rule& r) { r.rate->period = 24h * 32; })), ElementsAre(HasSubstr(".rate: ")));
  EXPECT_THAT(problems(changed([](Rule& r) {
                r.rate->period = 24h * 31;
                r.burst = 12;
              })),
              ElementsAre(HasSubstr("limits[0].burst: at this rate 12 requests come back only after more than 366d")));
  EXPECT_THAT(problems({{.name = "b", .burst = 3, .concurrency = 1}}), ElementsAre(HasSubstr("limits[0].burst: ")));
  EXPECT_THAT(problems({{.name = "p", .per = {Per::tool, Per::adapter, Per::tool}, .concurrency = 1}}),
              ElementsAre("limits[0].per: names the same thing twice"));
  EXPECT_THAT(problems({{.name = "c", .concurrency = 100'001}}), ElementsAre(HasSubstr(".concurrency: ")));
  EXPECT_THAT(problems({{.name = "q", .concurrency = 1, .queue = 10'001}}), ElementsAre(HasSubstr(".queue: ")));
  EXPECT_THAT(problems({{.name = "t", .concurrency = 1, .queue_timeout = 0ns}}),
              ElementsAre(HasSubstr(".queueTimeout: ")));
  EXPECT_THAT(problems({{.name = "t", .concurrency = 1, .queue_timeout = 11min}}),
              ElementsAre(HasSubstr("at most 10m")));
}

}  // namespace
}  // namespace gw::limits
