#include "jsonschema/pattern.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <malloc.h>

#include <string>
#include <vector>

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

TEST(Pattern, MatchingAddsNoMoreThanItSaid) {
  std::string text;
  for (std::uint32_t i = 1, bits = 1; i < 300'000; ++i) {
    bits = bits * 1'664'525 + 1'013'904'223;
    text += bits >> 31 ? 'a' : 'b';
  }
  const auto before = mallinfo2();
  std::vector<Pattern> patterns;
  std::size_t said = 0;
  for (const char* rest : {"[ab]{8}c", "[ab]{12}c", "[ab]{16}c", "[ab]{200}c", "[ab]{16}c$"}) {
    patterns.push_back(
        *Pattern::compile(std::string("a") + rest));  // As many states as there are texts of that length.
    EXPECT_FALSE(patterns.back().found_in(text));
    said += patterns.back().memory();
  }
  EXPECT_LE(mallinfo2().uordblks, before.uordblks + said);
}

}  // namespace
}  // namespace gw::jsonschema
