#include "limits/buckets.h"

#include <gtest/gtest.h>

namespace gw::limits {
namespace {

using namespace std::chrono_literals;

SteadyTime at(Duration since) {
  return SteadyTime(1h) + since;
}

TEST(Bucket, GivesItsBurstAtOnceAndThenOneTokenPerInterval) {
  const Pace pace = pace_of({.count = 600, .period = 60s}, 3);
  EXPECT_EQ(pace.interval, 100ms);
  Bucket bucket;
  for (int i = 0; i < 3; ++i) EXPECT_EQ(bucket.take(pace, at(0ms)), 0ns);
  EXPECT_EQ(bucket.take(pace, at(0ms)), 100ms);
  EXPECT_EQ(bucket.take(pace, at(99ms)), 1ms);
  EXPECT_EQ(bucket.take(pace, at(100ms) - 1ns), 1ns);
  EXPECT_EQ(bucket.take(pace, at(100ms)), 0ns);
  EXPECT_EQ(bucket.take(pace, at(100ms)), 100ms);
}

TEST(Bucket, RefillsToItsBurstAndNoFurther) {
  const Pace pace = pace_of({.count = 10, .period = 1s}, 2);
  Bucket bucket;
  for (const Duration start : {0s, 1000s}) {
    EXPECT_EQ(bucket.take(pace, at(start)), 0ns);
    EXPECT_EQ(bucket.take(pace, at(start)), 0ns);
    EXPECT_EQ(bucket.take(pace, at(start)), 100ms);
  }
}

TEST(Bucket, WithoutBurstTheWholeCountMayComeAtOnce) {
  const Pace pace = pace_of({.count = 5, .period = 1s}, 0);
  Bucket bucket;
  for (int i = 0; i < 5; ++i) EXPECT_EQ(bucket.take(pace, at(0s)), 0ns);
  EXPECT_EQ(bucket.take(pace, at(0s)), 200ms);
}

TEST(Bucket, NeverExceedsARateThatDoesNotDivideItsPeriod) {
  const Pace pace = pace_of({.count = 7, .period = 1s}, 1);
  EXPECT_EQ(pace.interval, 142'857'143ns);
  Bucket bucket;
  int taken = 0;
  for (Duration now = 0s; now < 10s; now += 1ms) taken += bucket.take(pace, at(now)) == 0ns;
  EXPECT_EQ(taken, 70);
}

TEST(Bucket, ARefusalCostsNothingAndAReturnedTokenIsThereAgain) {
  const Pace pace = pace_of({.count = 1, .period = 1s}, 1);
  Bucket bucket;
  EXPECT_EQ(bucket.take(pace, at(0s)), 0ns);
  for (int i = 0; i < 10; ++i) EXPECT_EQ(bucket.take(pace, at(400ms)), 600ms);
  bucket.give_back(pace);
  EXPECT_EQ(bucket.take(pace, at(400ms)), 0ns);
  EXPECT_EQ(bucket.take(pace, at(400ms)), 1s);
}

TEST(Buckets, TakeEverywhereOrNowhereAndNameTheLongestWait) {
  Buckets buckets;
  const Charge wide{"wide", pace_of({.count = 100, .period = 100s}, 2)};
  const Charge narrow{"narrow", pace_of({.count = 1, .period = 60s}, 1)};
  const Charge narrowest{"narrowest", pace_of({.count = 1, .period = 600s}, 1)};
  EXPECT_TRUE(buckets.take(std::array{wide, narrow, narrowest}, at(0s)));
  const auto refused = buckets.take(std::array{wide, narrow, narrowest}, at(0s));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().which, 2u);
  EXPECT_EQ(refused.error().wait, 600s);
  // The refused request took nothing: there is one token left of two.
  EXPECT_TRUE(buckets.take(std::array{wide}, at(0s)));
  EXPECT_FALSE(buckets.take(std::array{wide}, at(0s)));
}

TEST(Buckets, ThoseThatAreFullAgainAreSwept) {
  Buckets buckets;
  const Pace pace = pace_of({.count = 1, .period = 1s}, 1);
  for (int i = 0; i < 1000; ++i) EXPECT_TRUE(buckets.take(std::array{Charge{std::to_string(i), pace}}, at(0s)));
  EXPECT_EQ(buckets.size(), 1000u);
  for (int i = 0; i < 1000; ++i)
    EXPECT_TRUE(buckets.take(std::array{Charge{std::to_string(i % 200), pace}}, at(100s + i * 1s)));
  EXPECT_LE(buckets.size(), 200u);
}

TEST(Buckets, AFloodOfNamesIsBoundedAndForgetsNobodyWhoIsFarOverHisLimit) {
  Buckets buckets(1600);
  const Pace slow = pace_of({.count = 1, .period = 3600s}, 1);
  const Pace fast = pace_of({.count = 100, .period = 1s}, 0);
  EXPECT_TRUE(buckets.take(std::array{Charge{"greedy", slow}}, at(0s)));
  for (int i = 0; i < 20'000; ++i) EXPECT_TRUE(buckets.take(std::array{Charge{std::to_string(i), fast}}, at(0s)));
  EXPECT_LE(buckets.size(), 1600u);
  EXPECT_GE(buckets.size(), 800u);
  EXPECT_FALSE(buckets.take(std::array{Charge{"greedy", slow}}, at(1s)));
}

}  // namespace
}  // namespace gw::limits
