#include "config/watch.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>

namespace gw::config {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

class Watch : public ::testing::Test {
 protected:
  Watch() {
    std::string name = fs::temp_directory_path() / "gw-watch-XXXXXX";
    folder_ = ::mkdtemp(name.data());
  }
  ~Watch() override { fs::remove_all(folder_); }

  void write(const fs::path& file, std::string_view text) { std::ofstream(file) << text; }

  void start(const fs::path& file) {
    auto watch = FileWatch::start(loop_, file, [this] { ++changes_; }, 5ms);
    ASSERT_TRUE(watch) << watch.error().message();
    watch_ = *std::move(watch);
  }

  // Runs the loop until another change was told.
  bool changes_once_more() {
    const int before = changes_;
    const auto end = steady_now() + 10s;
    while (changes_ == before && steady_now() < end) loop_.run_once(20ms);
    return changes_ == before + 1;
  }

  fs::path folder_;
  Loop loop_;
  int changes_ = 0;
  std::unique_ptr<FileWatch> watch_;
};

TEST_F(Watch, SeesAFileThatIsWrittenInPlace) {
  write(folder_ / "a", "1");
  start(folder_ / "a");
  write(folder_ / "a", "22");
  EXPECT_TRUE(changes_once_more());
}

TEST_F(Watch, SeesAFileThatAnEditorReplaces) {
  write(folder_ / "a", "1");
  start(folder_ / "a");
  for (int i = 0; i < 3; ++i) {
    write(folder_ / "a.new", "2");
    fs::rename(folder_ / "a.new", folder_ / "a");
    EXPECT_TRUE(changes_once_more());
  }
}

TEST_F(Watch, SeesLinksThatAreSwappedAsKubernetesDoes) {
  fs::create_directory(folder_ / "..1");
  fs::create_directory(folder_ / "..2");
  write(folder_ / "..1/a", "1");
  write(folder_ / "..2/a", "2");
  fs::create_directory_symlink("..1", folder_ / "..data");
  fs::create_symlink("..data/a", folder_ / "a");
  start(folder_ / "a");
  fs::create_directory_symlink("..2", folder_ / "..data_tmp");
  fs::rename(folder_ / "..data_tmp", folder_ / "..data");
  EXPECT_TRUE(changes_once_more());
}

TEST_F(Watch, SeesTheTargetOfALinkInAnotherFolder) {
  fs::create_directory(folder_ / "elsewhere");
  write(folder_ / "elsewhere/real", "1");
  fs::create_symlink(folder_ / "elsewhere/real", folder_ / "a");
  start(folder_ / "a");
  write(folder_ / "elsewhere/real", "22");
  EXPECT_TRUE(changes_once_more());
}

TEST_F(Watch, SeesTheFileComeAndGo) {
  start(folder_ / "a");
  write(folder_ / "a", "1");
  EXPECT_TRUE(changes_once_more());
  fs::remove(folder_ / "a");
  EXPECT_TRUE(changes_once_more());
}

TEST_F(Watch, NeighboursAndTouchesOfNothingAreNotChanges) {
  write(folder_ / "a", "1");
  start(folder_ / "a");
  write(folder_ / "b", "1");
  write(folder_ / "a", "22");
  EXPECT_TRUE(changes_once_more());
  write(folder_ / "b", "333");
  fs::permissions(folder_ / "a", fs::perms::owner_read | fs::perms::owner_write);
  for (int i = 0; i < 10; ++i) loop_.run_once(5ms);
  EXPECT_EQ(changes_, 1);
}

TEST_F(Watch, MayBeDestroyedByItsOwnCallback) {
  write(folder_ / "a", "1");
  auto watch = FileWatch::start(
      loop_, folder_ / "a",
      [this] {
        ++changes_;
        watch_.reset();
      },
      1ms);
  watch_ = *std::move(watch);
  write(folder_ / "a", "22");
  EXPECT_TRUE(changes_once_more());
  EXPECT_EQ(watch_, nullptr);
}

}  // namespace
}  // namespace gw::config
