#include "cli/audit.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "audit/trail.h"

namespace gw::cli {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using ::testing::MatchesRegex;

class AuditVerify : public ::testing::Test {
 protected:
  AuditVerify() {
    log::set_sink([](log::Level, std::string_view, std::span<const log::Field>) {});
    std::string name = fs::temp_directory_path() / "gw-cli-XXXXXX";
    folder_ = ::mkdtemp(name.data());
    file_ = folder_ / "audit.jsonl";
    const auto trail = audit::Trail::open({.target = audit::Target::file, .path = file_});
    for (const char* user : {"ann", "bob", "cid"}) EXPECT_TRUE((*trail)->record({.user = user}));
  }
  ~AuditVerify() override { fs::remove_all(folder_); }

  int run(std::vector<std::string> words) {
    out_.str("");
    err_.str("");
    std::vector<const char*> argv{"mcp-gateway", "audit", "verify"};
    for (const auto& word : words) argv.push_back(word.c_str());
    return cli::run(static_cast<int>(argv.size()), argv.data(), {},
                    {out_, err_, [](const std::string&) { return std::optional<std::string>(); }});
  }

  void change(const std::string& from, const std::string& to) {
    std::stringstream text;
    text << std::ifstream(file_).rdbuf();
    std::string changed = text.str();
    changed.replace(changed.find(from), from.size(), to);
    std::ofstream(file_) << changed;
  }

  fs::path folder_;
  std::string file_;
  std::ostringstream out_;
  std::ostringstream err_;
};

TEST_F(AuditVerify, SaysThatATrailIsIntactAndWhatToNoteDown) {
  EXPECT_EQ(run({file_}), exit_ok);
  EXPECT_THAT(out_.str(), MatchesRegex("intact: 3 records, 1 to 3, from 2.*Z to 2.*Z\nlast hash: [0-9a-f]{64}\n"));
  EXPECT_EQ(err_.str(), "");
  const auto hash = out_.str().substr(out_.str().size() - 65, 64);
  EXPECT_EQ(run({file_, "--after", hash}), exit_ok);
  EXPECT_EQ(run({file_, "--after", std::string(64, 'a')}), exit_failed);
  EXPECT_THAT(err_.str(), HasSubstr("no line has the hash aaaa"));
}

TEST_F(AuditVerify, SaysWhichLineIsBroken) {
  change("\"bob\"", "\"eve\"");
  EXPECT_EQ(run({file_}), exit_failed);
  EXPECT_EQ(err_.str(), file_ + ":2: was changed: its hash is that of other text\n");
  EXPECT_THAT(out_.str(), HasSubstr("broken: 3 records"));
  EXPECT_EQ(run({file_, "--output", "json"}), exit_failed);
  EXPECT_THAT(out_.str(), HasSubstr("\"intact\": false"));
  EXPECT_THAT(out_.str(), HasSubstr("\"line\": 2"));
}

TEST_F(AuditVerify, SaysWhatItCannotDo) {
  EXPECT_EQ(run({folder_ / "none"}), exit_failed);
  EXPECT_THAT(err_.str(), HasSubstr("cannot open"));
  EXPECT_EQ(run({}), exit_usage);
  EXPECT_EQ(run({file_, "--after", "xyz"}), exit_usage);
  EXPECT_THAT(err_.str(), HasSubstr("'xyz' is not a hash of 64 hexadecimal digits"));
}

}  // namespace
}  // namespace gw::cli
