#include "json/json.h"

#include <gtest/gtest.h>

#include <boost/json.hpp>

namespace gw::json {
namespace {

std::string error_of(std::string_view text, ParseOptions options = {}) {
  const auto value = parse(text, options);
  return value ? "accepted" : value.error().message();
}

TEST(Json, KeepsTheOrderOfMembers) {
  const auto value = parse(R"({"z":1,"a":[true,null],"m":{}})");
  ASSERT_TRUE(value);
  EXPECT_EQ(to_text(*value), R"({"z":1,"a":[true,null],"m":{}})");
}

TEST(Json, SyntaxErrorsNameLineAndColumn) {
  EXPECT_TRUE(error_of("{\n  \"a\": tru\n}").starts_with("line 2, column "));
  EXPECT_TRUE(error_of("{\"a\":1").starts_with("line 1, column 7: the text ends too early"));
  EXPECT_TRUE(error_of("{} {}").starts_with("line 1, column 4: there is more text"));
  EXPECT_TRUE(error_of("").starts_with("line 1, column 1: the text ends too early"));
}

TEST(Json, BoundsBytesAndDepth) {
  EXPECT_EQ(parse("[1,2,3]", {.max_bytes = 3}).error().code(), Errc::too_large);
  EXPECT_NE(error_of("[[[[]]]]", {.max_depth = 3}).find("nested too deeply"), std::string::npos);
  EXPECT_TRUE(parse("[[[]]]", {.max_depth = 3}));
}

TEST(Json, CommentsAndTrailingCommasNeedLenience) {
  constexpr std::string_view text = "{ // why\n \"a\": [1, 2,],\n}";
  EXPECT_FALSE(parse(text));
  EXPECT_TRUE(parse(text, {.lenient = true}));
}

TEST(Json, ANameThatOccursTwiceIsRefusedWhereThatMatters) {
  for (const char* text : {R"({"a":1,"a":1})", R"([{"b":{"a":1,"c":2,"\u0061":3}}])"}) {
    EXPECT_TRUE(parse(text)) << text;
    EXPECT_EQ(error_of(text, {.unique_names = true}), "an object has two members of the same name") << text;
  }
  EXPECT_TRUE(parse(R"({"a":{"a":[{"a":1},{"a":1}]},"A":1e300})", {.unique_names = true}));
}

TEST(Json, InvalidUtf8IsRefused) {
  EXPECT_FALSE(parse("\"\xff\xfe\""));
}

TEST(Json, PrettyTextIsIndentedAndEndsWithALineFeed) {
  EXPECT_EQ(to_pretty_text(*parse(R"({"a":[1,2],"b":{"c":"d"},"e":[{"f":1}],"g":{}})")),
            "{\n  \"a\": [1,2],\n  \"b\": {\n    \"c\": \"d\"\n  },\n  \"e\": [\n    {\n      \"f\": 1\n    }\n  ],\n"
            "  \"g\": {}\n}\n");
}

}  // namespace
}  // namespace gw::json
