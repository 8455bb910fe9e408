#include "session/keyring.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "base/files.h"
#include "runtime/random.h"

namespace gw::session {
namespace {

class KeyringFile : public ::testing::Test {
 protected:
  void TearDown() override { std::filesystem::remove_all(folder); }

  const std::filesystem::path folder = std::filesystem::temp_directory_path() / ("keyring_test." + random_hex(8));
  const std::filesystem::path file = folder / "keys" / "session.keys";
};

TEST_F(KeyringFile, IsCreatedForItsOwnerOnlyAndReadBack) {
  const auto created = Keyring::load_or_create(file);
  ASSERT_TRUE(created) << created.error().message();
  struct stat status{};
  ASSERT_EQ(::stat(file.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0600u);
  const auto loaded = Keyring::load_or_create(file);
  ASSERT_TRUE(loaded);
  EXPECT_EQ(loaded->active().id, created->active().id);
  EXPECT_EQ(loaded->active().secret, created->active().secret);
}

TEST_F(KeyringFile, IsRefusedWhenOthersMayReadIt) {
  ASSERT_TRUE(Keyring::load_or_create(file));
  ASSERT_EQ(::chmod(file.c_str(), 0640), 0);
  const auto loaded = Keyring::load_or_create(file);
  ASSERT_FALSE(loaded);
  EXPECT_EQ(loaded.error().code(), Errc::forbidden);
  EXPECT_NE(loaded.error().message().find("chmod 600"), std::string::npos);
}

TEST_F(KeyringFile, IsRefusedWhenItIsMalformedAndTheErrorNamesFileAndLine) {
  std::filesystem::create_directories(file.parent_path());
  ASSERT_TRUE(write_private_file(file, "# keys\n\n00000001 secret\n"));
  const auto loaded = Keyring::load_or_create(file);
  ASSERT_FALSE(loaded);
  EXPECT_EQ(loaded.error().code(), Errc::invalid);
  EXPECT_NE(loaded.error().message().find(file.string() + ": line 3"), std::string::npos);
  EXPECT_EQ(loaded.error().message().find("secret\""), std::string::npos);
}

TEST(Keyring, RefusesTextWithoutKeysAndRepeatedIds) {
  EXPECT_FALSE(Keyring::parse(""));
  EXPECT_FALSE(Keyring::parse("# nothing\n"));
  const std::string key(43, 'A');
  EXPECT_TRUE(Keyring::parse("00000001 " + key));
  EXPECT_FALSE(Keyring::parse("00000001 " + key + "\n00000001 " + key));
  EXPECT_FALSE(Keyring::parse("0000001 " + key));
  EXPECT_FALSE(Keyring::parse("00000001 " + key + "A"));
}

TEST(Keyring, RotationPutsAFreshKeyInFrontAndForgetsTheOldest) {
  const Keyring first = Keyring::generate();
  const Keyring second = first.rotated(1);
  const Keyring third = second.rotated(1);
  ASSERT_EQ(second.keys().size(), 2u);
  EXPECT_EQ(second.keys()[1].id, first.active().id);
  EXPECT_NE(second.active().secret, first.active().secret);
  ASSERT_EQ(third.keys().size(), 2u);
  EXPECT_EQ(third.keys()[1].id, second.active().id);
}

TEST(Keyring, IsTheSameForEverybodyWhoHasTheSecretAndForNobodyElse) {
  const Keyring one = Keyring::from_secret("a secret of sixteen or more");
  const Keyring same = Keyring::from_secret("a secret of sixteen or more");
  const Keyring other = Keyring::from_secret("a secret of sixteen or mor3");
  ASSERT_EQ(one.keys().size(), 1u);
  EXPECT_EQ(one.active().id, same.active().id);
  EXPECT_EQ(one.active().secret, same.active().secret);
  EXPECT_NE(one.active().secret, other.active().secret);
}

}  // namespace
}  // namespace gw::session
