#include "http/target.h"

#include <gtest/gtest.h>

namespace gw::http {
namespace {

RequestHead with_target(std::string_view target, Method method = Method::get) {
  RequestHead head;
  head.method = method;
  head.target = target;
  head.fields.add("Host", "gw.example");
  return head;
}

TEST(Target, OriginAndAbsoluteFormsNameTheSamePath) {
  for (const char* target : {"/a/b?x=1", "http://gw.example/a/b?x=1"}) {
    RequestHead head = with_target(target);
    ASSERT_TRUE(split_target(head));
    EXPECT_EQ(head.path, "/a/b");
    EXPECT_EQ(head.query, "x=1");
    EXPECT_EQ(head.authority, "gw.example");
  }
}

TEST(Target, AnAbsoluteFormMayLackItsPath) {
  RequestHead bare = with_target("http://gw.example");
  ASSERT_TRUE(split_target(bare));
  EXPECT_EQ(bare.path, "/");
  EXPECT_EQ(bare.authority, "gw.example");
  RequestHead query = with_target("http://gw.example?x=1");
  ASSERT_TRUE(split_target(query));
  EXPECT_EQ(query.path, "/");
  EXPECT_EQ(query.query, "x=1");
  EXPECT_EQ(query.authority, "gw.example");
}

TEST(Target, RefusesOtherForms) {
  for (const char* target : {"a/b", "gw.example:443", "ftp://x/", "*", "/a b", "/a\x80", "/<", "/a#b", ""}) {
    RequestHead head = with_target(target);
    EXPECT_FALSE(split_target(head)) << target;
  }
  RequestHead star = with_target("*", Method::options);
  EXPECT_TRUE(split_target(star));
}

TEST(Target, SegmentsAreNotDecoded) {
  EXPECT_EQ(path_segments("/adapters/a%2Fb/mcp"), (std::vector<std::string_view>{"adapters", "a%2Fb", "mcp"}));
  EXPECT_EQ(path_segments("/a//"), (std::vector<std::string_view>{"a", "", ""}));
}

TEST(Target, DecodesPercentOnlyWhenWhole) {
  EXPECT_EQ(percent_decode("a%20b%2f"), "a b/");
  for (const char* bad : {"%", "%2", "%zz", "%00"}) EXPECT_FALSE(percent_decode(bad)) << bad;
  EXPECT_EQ(percent_decode(percent_encode("a b/ü?")), "a b/ü?");
}

TEST(Target, FindsQueryParameters) {
  EXPECT_EQ(query_parameter("a=1&session_id=x%2By&a=2", "session_id"), "x+y");
  EXPECT_EQ(query_parameter("follow&a=1", "follow"), "");
  EXPECT_FALSE(query_parameter("", "a"));
  EXPECT_FALSE(query_parameter("ab=1", "a"));
}

}  // namespace
}  // namespace gw::http
