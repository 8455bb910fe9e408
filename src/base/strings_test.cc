#include "base/strings.h"

#include <gtest/gtest.h>

namespace gw {
namespace {

TEST(Strings, CompareWithoutCase) {
  EXPECT_TRUE(iequals("Content-Type", "content-TYPE"));
  EXPECT_FALSE(iequals("Content-Type", "Content-Typ"));
}

TEST(Strings, SplitDropsEmptyPartsAndBlanks) {
  EXPECT_EQ(split_list(" a, ,b\t,", ','), (std::vector<std::string_view>{"a", "b"}));
  EXPECT_TRUE(split_list("", ',').empty());
}

TEST(Strings, NumbersAreWholeAndInRange) {
  EXPECT_EQ(parse_unsigned("18446744073709551615"), 18446744073709551615u);
  for (const char* bad : {"", "+1", "-1", "1x", " 1", "18446744073709551616", "0x10"})
    EXPECT_FALSE(parse_unsigned(bad)) << bad;
}

TEST(Strings, SuggestsOnlyWhatIsNear) {
  const std::vector<std::string> names = {"servers", "listen", "limits"};
  EXPECT_EQ(nearest("sevrers", names), "servers");
  EXPECT_EQ(nearest("limit", names), "limits");
  EXPECT_FALSE(nearest("kubernetes", names));
}

TEST(Strings, NothingIsNearToWordsThatNobodyTypes) {
  const std::string word(256, 'a');
  EXPECT_EQ(nearest(word, {word + "b"}), word + "b");
  EXPECT_FALSE(nearest(word + "a", {word + "a"}));
  EXPECT_FALSE(nearest("abc", {std::string(1 << 20, 'a'), "abcdef"}));
}

TEST(Strings, PrintableEscapesControlsAndBrokenUtf8) {
  EXPECT_EQ(printable("a\nb\x1b[31m"), "a\\x0ab\\x1b[31m");
  EXPECT_EQ(printable("gr\xc3\xbc\xc3"), "grü\\xc3");
  EXPECT_EQ(printable("\u009b31m\u2028\u202e€"), "\\xc2\\x9b31m\\xe2\\x80\\xa8\\xe2\\x80\\xae€");
  EXPECT_EQ(printable("abcdef", 3), "abc…");
}

TEST(Strings, Utf8IsRecognizedStrictly) {
  EXPECT_TRUE(is_utf8("plain ü € 𝄞"));
  for (const char* bad : {"\xff", "\xc0\x80", "\xe0\x80\x80", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xe2\x82"}) {
    EXPECT_FALSE(is_utf8(bad));
  }
}

TEST(Strings, JsonLiteralsEscapeWhatJsonCannotHold) {
  EXPECT_EQ(json_quote("a\"b\\c\n\x01 ü"), "\"a\\\"b\\\\c\\u000a\\u0001 ü\"");
  EXPECT_EQ(json_quote("x\xff\xc3"), "\"x\uFFFD\uFFFD\"");
}

}  // namespace
}  // namespace gw
