#include "base/glob.h"

#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <vector>

namespace gw {
namespace {

struct Case {
  std::string_view pattern;
  std::string_view text;
  bool fits;
};

TEST(Glob, StarsTakeAnyTextAndQuestionMarksOneCharacter) {
  const Case cases[] = {
      {"", "", true},
      {"", "a", false},
      {"a", "", false},
      {"*", "", true},
      {"*", "a/b\nc", true},
      {"**", "", true},
      {"?", "", false},
      {"?", "a", true},
      {"?", "ab", false},
      {"?", "ä", true},
      {"??", "ä", false},
      {"*??", "ä", false},
      {"*???", "aä", false},
      {"*??", "aä", true},
      {"?*", "", false},
      {"*?", "é", true},
      {"git", "git", true},
      {"git", "Git", false},
      {"git", "gits", false},
      {"write_*", "write_", true},
      {"write_*", "write_file", true},
      {"write_*", "rewrite_file", false},
      {"*/.ssh/*", "/home/a/.ssh/id", true},
      {"*/.ssh/*", "/home/a/.sshd/id", false},
      {"*.txt", "a.txt.txt", true},
      {"*.txt", "a.txt.tx", false},
      {"a*b*c", "aXbYbZc", true},
      {"a*b*c", "aXcYb", false},
      {"a*a", "a", false},
      {"*a?c*", "aabcabc", true},
      {"[a-z]", "b", false},
      {"[a-z]", "[a-z]", true},
      {"\\*", "*", false},
  };
  for (const Case& c : cases) EXPECT_EQ(glob_match(c.pattern, c.text), c.fits) << c.pattern << " on " << c.text;
}

// Small texts and patterns, all of them, against the definition.
TEST(Glob, AgreesWithTheDefinition) {
  const std::function<bool(std::string_view, std::string_view)> fits = [&](std::string_view p, std::string_view t) {
    if (p.empty()) return t.empty();
    if (p[0] == '*') return fits(p.substr(1), t) || (!t.empty() && fits(p, t.substr(1)));
    return !t.empty() && (p[0] == '?' || p[0] == t[0]) && fits(p.substr(1), t.substr(1));
  };
  const auto all = [](std::string_view letters, std::size_t longest) {
    std::vector<std::string> words{""};
    for (std::size_t i = 0; i < words.size(); ++i) {
      if (words[i].size() == longest) break;
      for (const char letter : letters) words.push_back(words[i] + letter);
    }
    return words;
  };
  const auto texts = all("ab", 6);
  for (const auto& pattern : all("ab*?", 5)) {
    for (const auto& text : texts) ASSERT_EQ(glob_match(pattern, text), fits(pattern, text)) << pattern << " " << text;
  }
}

TEST(Glob, ManyStarsOnALongTextEndSoon) {
  std::string pattern;
  for (int i = 0; i < 50; ++i) pattern += "*a";
  const std::string text(200'000, 'a');
  EXPECT_FALSE(glob_match(pattern + "b", text));
  EXPECT_TRUE(glob_match(pattern, text));
}

TEST(Glob, BytesThatAreNoTextAreTakenAsTheyCome) {
  EXPECT_TRUE(glob_match("?*", "\xFF\xFE"));
  EXPECT_TRUE(glob_match("*/.ssh/*", "\x80/.ssh/\xC3"));
  EXPECT_TRUE(glob_match("*?", "\x80"));
}

TEST(Glob, KnowsPatternsThatFitOneTextOnly) {
  EXPECT_TRUE(is_literal_glob("git"));
  EXPECT_TRUE(is_literal_glob(""));
  EXPECT_FALSE(is_literal_glob("g?t"));
  EXPECT_FALSE(is_literal_glob("git*"));
}

}  // namespace
}  // namespace gw
