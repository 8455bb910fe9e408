#include "audit/line.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/strings.h"

namespace gw::audit {
namespace {

using ::testing::HasSubstr;

std::string line_of(const Record& record) {
  std::string hash(no_hash);
  return make_line(1, members_of(record, PreciseWallTime(std::chrono::microseconds(1'700'000'000'123'456))), hash);
}

TEST(AuditLine, HasItsMembersInOneOrder) {
  const Record record{.kind = Kind::decision,
                      .user = "ann",
                      .method = "token",
                      .client = "192.0.2.7",
                      .action = "tools/call",
                      .adapter = "files",
                      .item = "read_file",
                      .answer = "denied",
                      .reason = "no-secrets",
                      .request = "r1"};
  // The hash is what `sha256sum` gives for the line without `,"hash":"…"` and without its line feed.
  EXPECT_EQ(line_of(record),
            R"({"seq":1,"time":"2023-11-14T22:13:20.123456Z","kind":"decision","user":"ann","method":"token",)"
            R"("client":"192.0.2.7","action":"tools/call","adapter":"files","item":"read_file","answer":"denied",)"
            R"("reason":"no-secrets","request":"r1",)"
            R"("previous":"0000000000000000000000000000000000000000000000000000000000000000",)"
            R"("hash":"c24c148715ae915408db530677f15655ca74452ebf5163ae42071f8e46ec8fc6"})"
            "\n");
}

TEST(AuditLine, ReadsWhatItWrites) {
  std::string hash = "a" + std::string(no_hash.substr(1));
  const std::string before = hash;
  const std::string text = make_line(42, members_of({.user = "ann"}, {}), hash);
  const auto line = read_line(std::string_view(text).substr(0, text.size() - 1));
  ASSERT_TRUE(line);
  EXPECT_TRUE(line->intact);
  EXPECT_EQ(line->seq, 42u);
  EXPECT_EQ(line->time, "1970-01-01T00:00:00.000000Z");
  EXPECT_EQ(line->previous, before);
  EXPECT_EQ(line->hash, hash);
}

TEST(AuditLine, NoValueCanEndItsLineOrItsString) {
  const std::string evil =
      "x\"}\n{\"seq\":1}\r\n\\\t\x1b[2K\x7f\xc2\x9b"
      "31m\xe2\x80\xa8\xe2\x80\xae\xe2\x81\xa6\xff\xc3\xc0\xaf";
  const std::string line = line_of({.user = evil, .item = evil, .reason = evil, .request = evil});
  EXPECT_EQ(line.find('\n'), line.size() - 1);
  EXPECT_TRUE(is_utf8(line));
  for (const char c : line.substr(0, line.size() - 1)) EXPECT_TRUE(static_cast<unsigned char>(c) >= 0x20 && c != 0x7f);
  for (const char* unsafe : {"\xc2\x9b", "\xe2\x80\xa8", "\xe2\x80\xae", "\xe2\x81\xa6"}) {
    EXPECT_EQ(line.find(unsafe), std::string::npos);
  }
  EXPECT_THAT(line, HasSubstr(R"("user":"x\"}\u000a{\"seq\":1}\u000d\u000a\\\u0009\u001b[2K\u007f\u009b31m)"
                              R"(\u2028\u202e\u2066)"
                              "\uFFFD\uFFFD\uFFFD\uFFFD\","));
  const auto read = read_line(std::string_view(line).substr(0, line.size() - 1));
  ASSERT_TRUE(read);
  EXPECT_TRUE(read->intact);
}

TEST(AuditLine, LongValuesAreCutBetweenCharacters) {
  const std::string line = line_of({.user = "x" + std::string(200, '\n') + [] {
    std::string text;
    for (int i = 0; i < 100; ++i) text += "ä";
    return text;
  }()});
  EXPECT_TRUE(is_utf8(line));
  EXPECT_THAT(line, HasSubstr("ä…\",\"method\""));
  const std::string longest(100'000, '\x01');
  const std::string worst =
      line_of({Kind::change, longest, longest, longest, longest, longest, longest, longest, longest, longest});
  EXPECT_LT(worst.size(), longest_line);
}

TEST(AuditLine, RefusesWhatIsNone) {
  const std::string good = line_of({.user = "ann"});
  const std::string whole = good.substr(0, good.size() - 1);
  EXPECT_TRUE(read_line(whole));
  for (const std::string& bad : {std::string(), std::string("{}"), whole.substr(1), whole + whole, "[" + whole + "]",
                                 std::string(longest_line + 1, ' '), std::string(2000, '\0')}) {
    EXPECT_FALSE(read_line(bad)) << bad.substr(0, 100);
  }
}

TEST(AuditLine, EveryChangedByteShows) {
  const std::string good = line_of({.user = "ann", .adapter = "files"});
  const std::string whole = good.substr(0, good.size() - 1);
  for (std::size_t i = 0; i < whole.size(); ++i) {
    std::string changed = whole;
    changed[i] = changed[i] == '1' ? '2' : '1';
    const auto line = read_line(changed);
    EXPECT_FALSE(line && line->intact) << changed;
  }
  const auto spaced = read_line(whole.substr(0, whole.size() - 1) + " }");
  EXPECT_FALSE(spaced && spaced->intact);
}

}  // namespace
}  // namespace gw::audit
