#include "process/log_ring.h"

#include <gtest/gtest.h>

#include <thread>

#include "testing/run.h"

namespace gw::process {
namespace {

std::vector<std::string> texts(const std::vector<LogLine>& lines) {
  std::vector<std::string> all;
  for (const auto& line : lines) all.push_back(line.text);
  return all;
}

TEST(LogRing, TailGivesTheLastLinesInOrder) {
  LogRing ring;
  for (const auto* text : {"one", "two", "three"}) ring.append(LogStream::err, text);
  EXPECT_EQ(texts(ring.tail(2)), (std::vector<std::string>{"two", "three"}));
  EXPECT_EQ(ring.tail(10).size(), 3u);
  EXPECT_EQ(ring.tail(1).front().number, 3u);
}

TEST(LogRing, TailLeavesOutWhatIsOlderThanAsked) {
  LogRing ring;
  ring.append(LogStream::err, "old");
  EXPECT_EQ(ring.tail(10, ring.tail(1).front().at).size(), 1u);
  EXPECT_TRUE(ring.tail(10, wall_now() + std::chrono::hours(1)).empty());
}

TEST(LogRing, DropsTheOldestLinesAndKeepsTheirNumbersHonest) {
  LogRing ring(2000);
  for (int i = 1; i <= 100; ++i) ring.append(LogStream::out, "line " + std::to_string(i));
  const auto kept = ring.tail(1000);
  EXPECT_LT(kept.size(), 50u);
  EXPECT_EQ(kept.back().text, "line 100");
  EXPECT_EQ(kept.back().number, 100u);
  EXPECT_GT(ring.after(0, 1).front().number, 1u);
}

TEST(LogRing, CutsAndMarksLongLines) {
  LogRing ring;
  ring.append(LogStream::err, std::string(LogRing::max_line + 1, 'x'));
  ring.append(LogStream::err, std::string(LogRing::max_line, 'y'));
  EXPECT_TRUE(ring.tail(2)[0].text.ends_with("x …[cut]"));
  EXPECT_EQ(ring.tail(2)[1].text, std::string(LogRing::max_line, 'y'));
}

TEST(LogRing, AFollowerSeesEveryLineWrittenByAnotherThread) {
  const auto ring = std::make_shared<LogRing>(1 << 20);
  testing::run([&]() -> Task<> {
    LogFollower follower(ring, 0);
    std::thread writer([&] {
      for (int i = 1; i <= 1000; ++i) ring->append(LogStream::err, std::to_string(i));
    });
    std::uint64_t seen = 0;
    while (seen < 1000) {
      const auto lines = co_await follower.next();
      for (const auto& line : lines) EXPECT_EQ(line.number, ++seen);
    }
    writer.join();
  });
}

TEST(LogRing, AnAbandonedFollowerIsHarmless) {
  const auto ring = std::make_shared<LogRing>();
  testing::run([&]() -> Task<> {
    {
      LogFollower follower(ring, 0);
      ring->append(LogStream::err, "wakes a follower that is gone");
    }
    co_await yield();
  });
}

}  // namespace
}  // namespace gw::process
