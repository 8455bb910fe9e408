#include "bench/load/histogram.h"

#include <gtest/gtest.h>

namespace gw::bench {
namespace {

TEST(Histogram, PercentilesAreExactBelowOneHundredAndTwentyEightNanoseconds) {
  Histogram histogram;
  for (Nanos value = 1; value <= 100; ++value) histogram.add(value);
  EXPECT_EQ(histogram.percentile(0.5), 50);
  EXPECT_EQ(histogram.percentile(0.99), 99);
  EXPECT_EQ(histogram.max(), 100);
}

TEST(Histogram, APercentileIsNeverTooLowAndAtMostTwoPercentTooHigh) {
  for (Nanos value = 1; value < 3600 * kSecond; value = value * 3 / 2 + 1) {
    Histogram histogram;
    histogram.add(value);
    histogram.add(3600 * kSecond);
    EXPECT_GE(histogram.percentile(0.5), value);
    EXPECT_LE(histogram.percentile(0.5), value + value / 50);
  }
}

TEST(Histogram, TheLongestDurationsShareTheLastBucket) {
  Histogram histogram;
  histogram.add(kNever);
  EXPECT_EQ(histogram.percentile(1), 3600 * kSecond);
}

TEST(Histogram, AnEmptyOneReportsZero) {
  EXPECT_EQ(Histogram().percentile(0.99), 0);
}

}  // namespace
}  // namespace gw::bench
