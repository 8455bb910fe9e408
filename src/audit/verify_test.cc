#include "audit/verify.h"

#include <gmock/gmock.h>

#include <fmt/core.h>

#include "audit/line.h"
#include "audit/test_support.h"

namespace gw::audit {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class Verify : public testing::TrailFolder {
 protected:
  Verify() { record({"a", "b", "c", "d", "e"}); }

  std::vector<std::string> problems(std::string_view after = {}) const {
    const auto verdict = verify({path()}, after);
    EXPECT_TRUE(verdict);
    std::vector<std::string> found;
    for (const auto& broken : verdict->breaks) {
      EXPECT_EQ(broken.file, path());
      found.push_back(fmt::format("{}: {}", broken.line, broken.what));
    }
    EXPECT_EQ(verdict->intact(), found.empty());
    return found;
  }

  // As somebody would who knows the format: with a hash that fits the line.
  static std::string forged(std::uint64_t seq, const std::string& previous, const std::string& user) {
    std::string hash = previous;
    std::string line = make_line(seq, members_of({.user = user}, {}), hash);
    line.pop_back();
    return line;
  }
};

TEST_F(Verify, AnUntouchedTrailIsIntact) {
  const auto verdict = verify({path()});
  ASSERT_TRUE(verdict);
  EXPECT_TRUE(verdict->intact());
  EXPECT_EQ(verdict->records, 5u);
  EXPECT_EQ(verdict->first_seq, 1u);
  EXPECT_EQ(verdict->last_seq, 5u);
  EXPECT_LE(verdict->first_time, verdict->last_time);
  EXPECT_EQ(verdict->last_hash, read_line(lines()[4])->hash);
}

struct Tampering {
  const char* name;
  void (*change)(std::vector<std::string>& lines);
  std::vector<std::string> problems;
};

void replace(std::string& line, const std::string& from, const std::string& to) {
  line.replace(line.find(from), from.size(), to);
}

class VerifyTampered : public Verify, public ::testing::WithParamInterface<Tampering> {};

TEST_P(VerifyTampered, Shows) {
  auto all = lines();
  GetParam().change(all);
  write(all);
  EXPECT_EQ(problems(), GetParam().problems);
}

using Lines = std::vector<std::string>;
constexpr const char* changed = "was changed: its hash is that of other text";
INSTANTIATE_TEST_SUITE_P(
    Audit, VerifyTampered,
    ::testing::Values(
        Tampering{"Changed", [](Lines& l) { replace(l[2], "\"c\"", "\"x\""); }, {fmt::format("3: {}", changed)}},
        Tampering{"ChangedFirst", [](Lines& l) { replace(l[0], "\"a\"", "\"x\""); }, {fmt::format("1: {}", changed)}},
        Tampering{"ChangedLast", [](Lines& l) { replace(l[4], "\"e\"", "\"x\""); }, {fmt::format("5: {}", changed)}},
        Tampering{"Removed", [](Lines& l) { l.erase(l.begin() + 2); }, {"3: comes after 1 missing lines"}},
        Tampering{"Repeated",
                  [](Lines& l) { l.insert(l.begin() + 3, l[2]); },
                  {"4: has the number 3 after 3: it was moved or inserted here"}},
        Tampering{"Swapped",
                  [](Lines& l) { std::swap(l[1], l[2]); },
                  {"2: comes after 1 missing lines", "3: has the number 2 after 3: it was moved or inserted here",
                   "4: comes after 1 missing lines"}},
        Tampering{"Junk", [](Lines& l) { l.insert(l.begin() + 2, "hello"); }, {"3: is not an audit record"}},
        Tampering{"JunkInstead", [](Lines& l) { l[2] = "hello"; }, {"3: is not an audit record"}},
        Tampering{"EmptyLine", [](Lines& l) { l.insert(l.begin() + 1, ""); }, {"2: is not an audit record"}},
        Tampering{"EndlessLine",
                  [](Lines& l) { l.insert(l.begin() + 1, std::string(500'000, 'x')); },
                  {"2: is not an audit record"}}),
    [](const auto& info) { return info.param.name; });

TEST_F(Verify, ALineThatWasReplacedWithItsHashShowsAtTheNextOne) {
  auto all = lines();
  all[2] = forged(3, read_line(all[1])->hash, "x");
  write(all);
  EXPECT_THAT(problems(), ElementsAre("4: does not follow the line before it: one of them was replaced"));
}

TEST_F(Verify, ATrailThatWasWrittenAnewFromALineOnShowsByAHashThatWasNotedDown) {
  auto all = lines();
  const std::string noted = read_line(all[4])->hash;
  EXPECT_THAT(problems(noted), IsEmpty());
  all[3] = forged(4, read_line(all[2])->hash, "x");
  all[4] = forged(5, read_line(all[3])->hash, "y");
  write(all);
  EXPECT_THAT(problems(), IsEmpty());
  EXPECT_THAT(problems(noted), ElementsAre(HasSubstr("0: no line has the hash " + noted)));
}

TEST_F(Verify, ATrailMayBeginWhereOlderFilesWereRemoved) {
  auto all = lines();
  const std::string noted = read_line(all[1])->hash;
  all.erase(all.begin(), all.begin() + 2);
  write(all);
  EXPECT_THAT(problems(), IsEmpty());
  EXPECT_THAT(problems(noted), IsEmpty());
  EXPECT_THAT(problems(std::string(64, 'a')), ElementsAre(HasSubstr("no line has the hash")));
}

TEST_F(Verify, ALineWithoutItsEndIsNotComplete) {
  std::filesystem::resize_file(path(), std::filesystem::file_size(path()) - 10);
  EXPECT_THAT(problems(), ElementsAre(HasSubstr("5: is not complete")));
}

TEST_F(Verify, FilesGoOnWhereTheOneBeforeEnded) {
  const auto all = lines();
  write({all.begin(), all.begin() + 2}, "1");
  write({all.begin() + 2, all.begin() + 3}, "2");
  write({all.begin() + 3, all.end()}, "3");
  EXPECT_TRUE(verify({path("1"), path("2"), path("3")})->intact());
  const auto missing = verify({path("1"), path("3")});
  ASSERT_EQ(missing->breaks.size(), 1u);
  EXPECT_EQ(missing->breaks[0].file, path("3"));
  EXPECT_EQ(missing->breaks[0].line, 1u);
  EXPECT_EQ(missing->breaks[0].what, "comes after 1 missing lines");
  EXPECT_FALSE(verify({path("2"), path("1"), path("3")})->intact());
  EXPECT_TRUE(verify(in_order({path("3"), path("1"), path("2")}))->intact());
  const auto absent = verify({path("none")});
  ASSERT_FALSE(absent);
  EXPECT_THAT(absent.error().message(), HasSubstr("cannot open " + path("none")));
}

TEST_F(Verify, ManyBreaksAreCountedAndTheFirstAreNamed) {
  write(std::vector<std::string>(5000, "junk"));
  const auto verdict = verify({path()});
  EXPECT_EQ(verdict->broken, 5000u);
  EXPECT_EQ(verdict->breaks.size(), Verdict::max_breaks);
  EXPECT_EQ(verdict->records, 0u);
}

}  // namespace
}  // namespace gw::audit
