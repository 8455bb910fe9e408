#include "search/words.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace gw::search {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::vector<std::string> words(std::string_view text) {
  return words_of(text, 100);
}

TEST(Words, AreSplitAtCaseDigitsAndSigns) {
  EXPECT_THAT(words("createPullRequest"), ElementsAre("creat", "pul", "request", "createpullrequest"));
  EXPECT_THAT(words("HTTPServer"), ElementsAre("http", "server", "httpserver"));
  EXPECT_THAT(words("oauth2_token"), ElementsAre("oauth", "2", "oauth2", "token"));
  EXPECT_THAT(words("read_file.v-x"), ElementsAre("read", "fil", "v", "x"));
  EXPECT_THAT(words(" ,;"), IsEmpty());
}

TEST(Words, AreWholeToo) {
  EXPECT_THAT(words("GitHub"), ElementsAre("git", "hub", "github"));
  EXPECT_THAT(words("github"), ElementsAre("github"));
}

TEST(Words, OfOtherScriptsAreFoldedAndKept) {
  EXPECT_THAT(words("Größe ÄNDERN"), ElementsAre("größe", "ändern"));
  EXPECT_THAT(words("ПОИСК файлов"), ElementsAre("поиск", "файлов"));
  EXPECT_THAT(words("ΑΒΓ…Žlutý"), ElementsAre("αβγ", "žlutý"));
  EXPECT_THAT(words("搜索 a"), ElementsAre("搜", "索", "a"));
  EXPECT_THAT(words("a\xff\xc3"
                    "b"),
              ElementsAre("a", "b"));
}

TEST(Words, OfOneStemAreTheSame) {
  const auto same = [](std::initializer_list<std::string> words) {
    for (const std::string& word : words) EXPECT_EQ(stem(word), stem(*words.begin())) << word;
  };
  same({"query", "queries"});
  same({"create", "creates", "created", "creating", "creation"});
  same({"file", "files"});
  same({"class", "classes"});
  same({"process", "processes", "processing"});
  same({"search", "searches", "searching"});
  same({"get", "gets", "getting"});
  same({"call", "calls", "calling", "called"});
  same({"add", "adds", "adding", "added"});
  same({"run", "running"});
  EXPECT_EQ(stem("string"), "string");
  EXPECT_EQ(stem("status"), "status");
}

TEST(Words, AreBounded) {
  EXPECT_EQ(words_of("a b c d", 3).size(), 3u);
  EXPECT_THAT(words_of(std::string(100, 'a'), 9), ElementsAre(std::string(64, 'a'), std::string(36, 'a')));
}

}  // namespace
}  // namespace gw::search
