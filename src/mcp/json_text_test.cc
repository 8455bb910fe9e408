#include "mcp/json_text.h"
#include "base/strings.h"

#include <gtest/gtest.h>

#include <vector>

namespace gw::mcp {
namespace {

bool accepts(std::string_view text, std::size_t max_depth = 8) {
  JsonScanner json(text, max_depth);
  std::string_view raw;
  json.take(raw);
  return json.finish();
}

TEST(JsonScanner, AcceptsEveryKindOfValue) {
  for (const auto* text : {"0", "-0", "12.5e+10", "9007199254740993", "true", " null ", R"("")", R"("\u00e9\n\"\/")",
                           "[]", "{}", R"([1,[2,{}],"x"])", "\t{ \"a\" : [ ] ,\r\n\"b\":{\"c\":false} }"}) {
    EXPECT_TRUE(accepts(text)) << text;
  }
}

TEST(JsonScanner, RefusesWhatIsNotJson) {
  for (const auto* text : {"",        " ",         "01",          "-",       "1.",
                           ".5",      "1e",        "+1",          "tru",     "nul",
                           "\"",      "\"\\x\"",   "\"\\u12g4\"", "\"\\u12", "\"a\nb\"",
                           "[",       "[1,]",      "[,1]",        "[1 2]",   "{",
                           "{\"a\"}", "{\"a\":}",  "{\"a\":1,}",  "{a:1}",   "{\"a\":1 \"b\":2}",
                           "[1}",     "{\"a\":[}", "1 2",         "{} x",    "'a'"}) {
    EXPECT_FALSE(accepts(text)) << text;
  }
  EXPECT_FALSE(accepts(std::string_view("1\0", 2)));
}

TEST(JsonScanner, SaysWhatIsWrongAndWhere) {
  JsonScanner json("{\"a\": [1, x]}", 8);
  std::string_view raw;
  EXPECT_FALSE(json.take(raw));
  EXPECT_EQ(json.problem(), "unexpected character at byte 10");
}

TEST(JsonScanner, BoundsTheDepth) {
  EXPECT_TRUE(accepts("[[[1]]]", 3));
  JsonScanner json("[[[[1]]]]", 3);
  std::string_view raw;
  EXPECT_FALSE(json.take(raw));
  EXPECT_TRUE(json.too_deep());
}

TEST(JsonScanner, GivesMembersAndElementsAsTheyWereWritten) {
  JsonScanner json(R"( {"a" : 12345678901234567890 , "\u0062":[ 1,2 ] } )", 8);
  std::vector<std::string> seen;
  std::string_view key, value;
  for (json.enter_object(); json.next_member(key);) {
    json.take(value);
    seen.push_back(std::string(key) + "=" + std::string(value));
  }
  EXPECT_TRUE(json.finish());
  EXPECT_EQ(seen, (std::vector<std::string>{R"("a"=12345678901234567890)", R"("\u0062"=[ 1,2 ])"}));
}

TEST(JsonText, LiteralsAreDecodedAndEncoded) {
  EXPECT_EQ(json_unquote(R"("a\"\\\/\b\f\n\r\t\u0041\u00e9\u20ac\ud83d\ude00")"), "a\"\\/\b\f\n\r\tAé€😀");
  EXPECT_EQ(json_unquote(R"("\ud83dx\ude00")"), "\xEF\xBF\xBDx\xEF\xBF\xBD");
  EXPECT_EQ(json_quote("a\"\\\n\x01é"), R"("a\"\\\u000a\u0001é")");
  EXPECT_EQ(json_unquote(json_quote("any \t\x1f \"text\"")), "any \t\x1f \"text\"");
}

TEST(JsonText, AMemberIsFoundByItsDecodedName) {
  EXPECT_EQ(json_member(R"({"a":{"b":1},"\u0062":[2]})", "b"), "[2]");
  EXPECT_EQ(json_member("{}", "b"), "");
  EXPECT_EQ(json_member("[1]", "b"), "");
}

TEST(JsonText, IntegersHaveNeitherFractionNorExponent) {
  EXPECT_TRUE(is_json_integer("-9007199254740993"));
  for (const auto* raw : {"1.0", "1e3", "\"1\"", "", "-", "null"}) EXPECT_FALSE(is_json_integer(raw)) << raw;
}

}  // namespace
}  // namespace gw::mcp
