#include "catalogue/uri_template.h"

#include <gtest/gtest.h>

namespace gw::catalogue {
namespace {

bool matches(std::string_view pattern, std::string_view uri) {
  const auto parsed = UriTemplate::parse(pattern);
  EXPECT_TRUE(parsed) << pattern;
  return parsed && parsed->matches(uri);
}

TEST(UriTemplate, OfLevelOneFitsSegments) {
  EXPECT_TRUE(matches("test://template/{id}/data", "test://template/123/data"));
  EXPECT_FALSE(matches("test://template/{id}/data", "test://template//data"));
  EXPECT_FALSE(matches("test://template/{id}/data", "test://template/1/2/data"));
  EXPECT_FALSE(matches("test://template/{id}/data", "test://template/1/data/"));
  EXPECT_TRUE(matches("a:{x}-{y}", "a:1-2-3"));
  EXPECT_FALSE(matches("a:{x}-{y}", "a:-"));
  EXPECT_TRUE(matches("{x}", "gr%C3%B6sse"));
  EXPECT_TRUE(matches("a:b", "a:b"));
  EXPECT_FALSE(matches("a:b", "a:bb"));
  EXPECT_FALSE(matches("", "a"));
}

TEST(UriTemplate, OfLevelTwoFitsReservedCharacters) {
  EXPECT_TRUE(matches("file:///{+path}", "file:///a/b?c#d"));
  EXPECT_FALSE(matches("file:///{+path}", "file:///"));
  EXPECT_TRUE(matches("x:y{#frag}", "x:y#a/b"));
  EXPECT_TRUE(matches("x:y{#frag}", "x:y"));
  EXPECT_FALSE(matches("x:y{#frag}", "x:yz"));
  EXPECT_TRUE(matches("{+a}/end", "s://x/end/end"));
}

TEST(UriTemplate, OfHigherLevelsFitsRoughly) {
  EXPECT_TRUE(matches("db://q{?limit,offset}", "db://q?limit=1&offset=2"));
  EXPECT_TRUE(matches("db://q{?limit,offset}", "db://q"));
  EXPECT_FALSE(matches("db://q{?limit}", "db://qx"));
  EXPECT_TRUE(matches("r:{/segments*}", "r:/a/b"));
  EXPECT_TRUE(matches("f:{name}{.ext}", "f:a.b"));
}

TEST(UriTemplate, MalformedOnesAreRefused) {
  for (const std::string_view text : {"a{", "a}", "{}", "{+}", "{a b}", "{a{b}}", "{,a}", "{!a}", "{=a}", "x{a,,b}"}) {
    EXPECT_FALSE(UriTemplate::parse(text)) << text;
  }
  std::string many;
  for (std::size_t i = 0; i <= UriTemplate::max_expressions; ++i) many += "{a}/";
  EXPECT_FALSE(UriTemplate::parse(many));
}

TEST(UriTemplate, ShapeForgetsTheNames) {
  EXPECT_EQ(UriTemplate::parse("a:{x}/{+y}")->shape(), UriTemplate::parse("a:{p}/{+q}")->shape());
  EXPECT_NE(UriTemplate::parse("a:{x}")->shape(), UriTemplate::parse("a:{+x}")->shape());
}

// Backtracking would take longer than the life of the test.
TEST(UriTemplate, NoAddressTakesLong) {
  std::string pattern;
  for (int i = 0; i < 30; ++i) pattern += "{+a}a";
  EXPECT_FALSE(matches(pattern + "b{c}", std::string(2000, 'a') + "/b"));
  EXPECT_TRUE(matches(pattern + "b{c}", std::string(2000, 'a') + "/abc"));
}

}  // namespace
}  // namespace gw::catalogue
