#include "policy/arguments.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace gw::policy {
namespace {

using ::testing::ElementsAre;
using Outcome = ArgumentTest::Outcome;

Found at(std::string_view arguments, std::string_view pointer) {
  return find(arguments, parse_pointer(pointer).value());
}

TEST(Pointer, IsDecodedAsRfc6901Says) {
  EXPECT_THAT(parse_pointer("/a").value(), ElementsAre("a"));
  EXPECT_THAT(parse_pointer("/a~1b/m~0n/0//").value(), ElementsAre("a/b", "m~n", "0", "", ""));
  EXPECT_THAT(parse_pointer("/~01").value(), ElementsAre("~1"));
  for (const char* bad : {"", "a", "#/a", "/a~", "/a~2", "/~"}) EXPECT_FALSE(parse_pointer(bad)) << bad;
}

TEST(Find, GivesTheRawTextOfWhatIsThere) {
  constexpr std::string_view arguments = R"( {"a": {"b/c": [10, {"": 1.50}]}, "s":"x\"y", "n":null} )";
  EXPECT_EQ(at(arguments, "/a/b~1c/0").raw, "10");
  EXPECT_EQ(at(arguments, "/a/b~1c/1/").raw, "1.50");
  EXPECT_EQ(at(arguments, "/s").raw, R"("x\"y")");
  EXPECT_EQ(at(arguments, "/n").raw, "null");
  EXPECT_EQ(at(R"({"\u0070ath":1})", "/path").raw, "1");
  for (const char* absent : {"/b", "/a/b", "/a/b~1c/2", "/a/b~1c/-", "/a/b~1c/00", "/a/b~1c/+0", "/s/0", "/n/x"}) {
    EXPECT_EQ(at(arguments, absent).lookup, Lookup::absent) << absent;
  }
  EXPECT_EQ(at("", "/a").lookup, Lookup::absent);
  EXPECT_EQ(at("null", "/a").lookup, Lookup::absent);
}

TEST(Find, DoesNotGuessWhatServersWouldUnderstand) {
  const std::string deep = std::string(200, '[') + std::string(200, ']');
  for (const std::string& text : std::vector<std::string>{
           R"({"path":"a","path":"b"})", R"({"path":"a","p\u0061th":"b"})", R"({"path":"a","Path":"b"})",
           R"({"PATH":"a"})", R"({"path":"a"} x)", R"({"path":"a",})", R"({"path":"a" "b":1})", "{", "{\"path\":tru}",
           R"({"path":1,"x":)" + deep + "}"}) {
    EXPECT_EQ(at(text, "/path").lookup, Lookup::unreadable) << text;
  }
  EXPECT_EQ(at(R"({"path":"a","b":{"x":1,"x":2}})", "/path").raw, "\"a\"");
}

ArgumentTest matches(std::vector<std::string> globs) {
  return ArgumentTest({.pointer = "/x", .matches = std::move(globs), .equals = {}, .present = {}});
}
ArgumentTest equals(std::vector<std::string> values) {
  return ArgumentTest({.pointer = "/x", .matches = {}, .equals = std::move(values), .present = {}});
}
ArgumentTest present(bool wanted) {
  return ArgumentTest({.pointer = "/x", .matches = {}, .equals = {}, .present = wanted});
}
Outcome with(const ArgumentTest& test, std::string_view value) {
  return test.test("{\"x\":" + std::string(value) + "}");
}

TEST(ArgumentTest, MatchesTextsNumbersAndBooleans) {
  struct Case {
    std::string_view glob;
    std::string_view value;
    bool holds;
  };
  const Case cases[] = {
      {"/etc/*", R"("/etc/passwd")", true},
      {"/etc/*", R"("\/etc\u002fpasswd")", true},
      {"/etc/*", R"(["/etc/passwd"])", false},
      {"", R"("")", true},
      {"22", "22", true},
      {"22", "22.0", true},
      {"22", "2.2e1", true},
      {"22", "\"22\"", true},
      {"0", "-0", true},
      {"2*", "2.5", true},
      {"2.5", "2.50", true},
      {"123456789012345678901234567890", "123456789012345678901234567890", true},
      {"123456789012345678901234567890", "123456789012345678901234567891", false},
      {"true", "true", true},
      {"true", "false", false},
      {"*", "null", false},
      {"*", "{}", false},
  };
  for (const Case& c : cases) {
    EXPECT_EQ(with(matches({std::string(c.glob)}), c.value), c.holds ? Outcome::holds : Outcome::fails)
        << c.glob << " on " << c.value;
  }
  EXPECT_EQ(with(matches({"a", "b*"}), "\"bc\""), Outcome::holds);
  EXPECT_EQ(matches({"*"}).test("{}"), Outcome::fails);
}

TEST(ArgumentTest, ComparesNumbersByValueAndEverythingElseByText) {
  struct Case {
    std::string_view wanted;
    std::string_view value;
    bool same;
  };
  const Case cases[] = {
      {"1", "1", true},
      {"1", "1.0", true},
      {"1", "10e-1", true},
      {"1", "\"1\"", false},
      {"1", "true", false},
      {"0", "-0", true},
      {"22", "22.00000000000000000001", true},  // What every server reads as 22.
      {"9007199254740992", "9007199254740993", false},
      {"98765432109876543210", "98765432109876543210", true},
      {"98765432109876543210", "98765432109876543211", false},
      {"\"a/b\"", R"("a\/b")", true},
      {"\"a\"", "\"A\"", false},
      {"true", "true", true},
      {"null", "null", true},
      {"null", "false", false},
      {"\"\"", "[]", false},
  };
  for (const Case& c : cases) {
    EXPECT_EQ(with(equals({std::string(c.wanted)}), c.value), c.same ? Outcome::holds : Outcome::fails)
        << c.wanted << " and " << c.value;
  }
  EXPECT_EQ(with(equals({"1", "\"all\""}), "\"all\""), Outcome::holds);
  EXPECT_EQ(equals({"null"}).test("{}"), Outcome::fails);
}

TEST(ArgumentTest, PresenceSaysNothingOfTheValue) {
  EXPECT_EQ(with(present(true), "null"), Outcome::holds);
  EXPECT_EQ(with(present(true), "1e999"), Outcome::holds);
  EXPECT_EQ(present(true).test("{}"), Outcome::fails);
  EXPECT_EQ(present(false).test(""), Outcome::holds);
  EXPECT_EQ(with(present(false), "0"), Outcome::fails);
}

TEST(ArgumentTest, NumbersThatNoDoubleHoldsAreNotRead) {
  EXPECT_EQ(with(equals({"0"}), "1e-999"), Outcome::unreadable);
  EXPECT_EQ(with(matches({"*"}), "1e999"), Outcome::unreadable);
  EXPECT_EQ(present(false).test(R"({"x":1,"X":2})"), Outcome::unreadable);
}

TEST(Scalars, AreWholeJsonTexts) {
  for (const char* good : {"1", "-1.5e3", "\"a\"", "true", "null"}) EXPECT_TRUE(is_scalar(good)) << good;
  for (const char* bad : {"", " 1", "1 ", "[]", "{}", "01", "a", "\"", "nul", "1 2"})
    EXPECT_FALSE(is_scalar(bad)) << bad;
}

}  // namespace
}  // namespace gw::policy
