#include "tools/tool_health.h"

#include <gtest/gtest.h>

#include <vector>

#include "base/log.h"

namespace gw::tools {
namespace {

// The events that were logged while this lived.
class Logged {
 public:
  Logged() {
    events().clear();
    log::set_sink(
        [](log::Level, std::string_view event, std::span<const log::Field>) { events().emplace_back(event); });
  }
  ~Logged() {
    log::set_sink([](log::Level, std::string_view, std::span<const log::Field>) {});
  }
  static std::vector<std::string>& events() {
    static std::vector<std::string> all;
    return all;
  }
};

using Events = std::vector<std::string>;

TEST(ToolHealth, RemembersSinceWhenHowOftenAndWhyLast) {
  ToolHealth health;
  EXPECT_FALSE(health.find("score"));
  const WallTime before = wall_now();
  health.unanswered("score", "refused");
  const WallTime since = health.find("score")->since;
  EXPECT_GE(since, before);
  health.unanswered("score", "no answer came");
  const auto trouble = health.find("score");
  EXPECT_EQ(trouble->since, since);
  EXPECT_EQ(trouble->attempts, 2u);
  EXPECT_EQ(trouble->error, "no answer came");
  EXPECT_FALSE(health.find("other"));
}

TEST(ToolHealth, TheNextAnswerEndsIt) {
  ToolHealth health;
  health.unanswered("score", "refused");
  health.unanswered("other", "refused");
  health.answered("score");
  EXPECT_FALSE(health.find("score"));
  EXPECT_TRUE(health.find("other"));
  health.unanswered("score", "refused");
  EXPECT_EQ(health.find("score")->attempts, 1u);
}

TEST(ToolHealth, LogsWhenItChangesOnly) {
  Logged logged;
  ToolHealth health;
  health.answered("score");
  health.unanswered("score", "refused");
  health.unanswered("score", "refused");
  EXPECT_EQ(logged.events(), Events{"tools.unreachable"});
  health.answered("score");
  health.answered("score");
  EXPECT_EQ(logged.events(), (Events{"tools.unreachable", "tools.reachable"}));
}

TEST(ToolHealth, WhatIsAnotherToolNowStartsAnewWithoutALogLine) {
  ToolHealth health;
  health.unanswered("score", "refused");
  Logged logged;
  health.forget("score");
  EXPECT_FALSE(health.find("score"));
  health.answered("score");
  EXPECT_TRUE(logged.events().empty());
}

TEST(ToolHealth, IsBounded) {
  ToolHealth health;
  for (int i = 0; i < 5'000; ++i) health.unanswered("t" + std::to_string(i), "refused");
  EXPECT_TRUE(health.find("t4095"));
  EXPECT_FALSE(health.find("t4096"));
  health.answered("t4999");
  health.answered("t0");
  health.unanswered("t4999", "refused");
  EXPECT_TRUE(health.find("t4999"));
}

}  // namespace
}  // namespace gw::tools
