#include "jsonschema/pattern.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace gw::jsonschema {
namespace {

bool found(std::string_view source, std::string_view text) {
  const auto pattern = Pattern::compile(source);
  EXPECT_TRUE(pattern) << (pattern ? "" : pattern.error());
  return pattern && pattern->found_in(text);
}

TEST(Pattern, IsSearchedNotAnchored) {
  EXPECT_TRUE(found("b+", "abbc"));
  EXPECT_FALSE(found("^b+$", "abbc"));
}

TEST(Pattern, TakesTheEscapesOfEcmaScript) {
  EXPECT_TRUE(found(R"(^\u00e9\u{1F600}$)", "é😀"));
  EXPECT_TRUE(found(R"(^\cA$)", "\x01"));
  EXPECT_TRUE(found(R"(^(?<year>\d{4})-\d\d$)", "2026-11"));
  EXPECT_TRUE(found(R"(^\p{Letter}+$)", "été"));
  EXPECT_TRUE(found(R"(^\/v\d+\/[\w\-]+$)", "/v1/a-b"));
  EXPECT_TRUE(found(R"(^\\u0041$)", R"(\u0041)"));
}

TEST(Pattern, CountsCharactersNotBytes) {
  EXPECT_TRUE(found("^.$", "😀"));
}

TEST(Pattern, EndsAtTheEndOfTheText) {
  EXPECT_FALSE(found("^abc$", "abc\n"));
}

TEST(Pattern, SaysWhatCannotBeDone) {
  using testing::HasSubstr;
  EXPECT_THAT(Pattern::compile("^(?=a)b").error(),
              HasSubstr("\"^(?=a)b\" cannot be used: regular expressions are RE2"));
  EXPECT_THAT(Pattern::compile(R"((a)\1)").error(), HasSubstr("back-references"));
  EXPECT_FALSE(Pattern::compile("("));
}

TEST(Pattern, TakesTimeLinearInTheText) {
  EXPECT_FALSE(found("^(a+)+$", std::string(100'000, 'a') + "b"));
}

}  // namespace
}  // namespace gw::jsonschema
