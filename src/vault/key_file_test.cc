#include "vault/key_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cstdlib>
#include <fstream>

namespace gw::vault {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using ::testing::Not;

class KeyFile : public ::testing::Test {
 protected:
  KeyFile() {
    std::string name = fs::temp_directory_path() / "gw-vault-XXXXXX";
    folder_ = ::mkdtemp(name.data());
  }
  ~KeyFile() override { fs::remove_all(folder_); }

  void write(std::string_view text) {
    fs::create_directories(file_().parent_path());
    std::ofstream(file_()) << text;
    fs::permissions(file_(), fs::perms::owner_read | fs::perms::owner_write);
  }
  fs::path file_() const { return folder_ / "keys" / "secrets.key"; }
  std::string key(const std::optional<std::string>& variable = {}) {
    const auto key = load_or_create_key(file_(), variable);
    return key ? std::string(key->reveal()) : "error: " + key.error().message();
  }

  fs::path folder_;
};

TEST_F(KeyFile, IsMadeOnceAndForItsOwnerOnly) {
  const std::string made = key();
  EXPECT_EQ(made.size(), 32u);
  EXPECT_EQ(key(), made);
  struct stat status{};
  ASSERT_EQ(::stat(file_().c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0600u);
}

TEST_F(KeyFile, MayBeWrittenInEitherAlphabet) {
  write("+/v7+/v7+/v7+/v7+/v7+/v7+/v7+/v7+/v7+/v7+/s=\n");
  EXPECT_EQ(key().size(), 32u);
  EXPECT_EQ(key("-_v7-_v7-_v7-_v7-_v7-_v7-_v7-_v7-_v7-_v7-_s"), key());
}

TEST_F(KeyFile, TheEnvironmentWinsAndNoFileIsMade) {
  EXPECT_EQ(key("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="), std::string(32, '\0'));
  EXPECT_FALSE(fs::exists(file_()));
}

TEST_F(KeyFile, ABadKeyIsNamedButNotShown) {
  EXPECT_THAT(key("hunter2"), HasSubstr("MCP_GATEWAY_SECRETS_KEY is not a key"));
  EXPECT_THAT(key("hunter2"), Not(HasSubstr("hunter2")));
  EXPECT_THAT(key(""), HasSubstr("is not a key"));
  write("hunter2\n");
  EXPECT_THAT(key(), HasSubstr(file_().string() + " is not a key"));
}

TEST_F(KeyFile, OneThatOthersCanReadIsRefused) {
  key();
  fs::permissions(file_(), fs::perms::others_read, fs::perm_options::add);
  EXPECT_THAT(key(), HasSubstr("can be read by others"));
}

}  // namespace
}  // namespace gw::vault
