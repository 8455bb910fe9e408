#include "model/etag.h"

#include <gtest/gtest.h>

namespace gw::model {
namespace {

TEST(Etag, ChangesWithTheRevisionAndTheIdentity) {
  const Adapter first{.uid = "a1", .revision = 1};
  const Adapter second{.uid = "a1", .revision = 2};
  const Adapter namesake{.uid = "b2", .revision = 1};
  EXPECT_EQ(etag_of(first), "\"a1.1\"");
  EXPECT_NE(etag_of(first), etag_of(second));
  EXPECT_NE(etag_of(first), etag_of(namesake));
}

TEST(Etag, IfMatchTakesListsAndTheStarButNoWeakTags) {
  const Adapter adapter{.uid = "a1", .revision = 3};
  EXPECT_TRUE(matches("\"a1.3\"", adapter));
  EXPECT_TRUE(matches("\"x\", \"a1.3\"", adapter));
  EXPECT_TRUE(matches(" * ", adapter));
  EXPECT_FALSE(matches("W/\"a1.3\"", adapter));
  EXPECT_FALSE(matches("a1.3", adapter));
  EXPECT_FALSE(matches("", adapter));
}

}  // namespace
}  // namespace gw::model
