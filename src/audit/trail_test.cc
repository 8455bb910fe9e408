#include "audit/trail.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <thread>

#include "audit/line.h"
#include "audit/test_support.h"
#include "audit/verify.h"
#include "base/log.h"

namespace gw::audit {
namespace {

using ::testing::HasSubstr;

// Names of the events that were logged, while it lives.
class LoggedEvents {
 public:
  LoggedEvents() {
    events().clear();
    log::set_sink([](log::Level, std::string_view event, std::span<const log::Field>) {
      const std::lock_guard lock(mutex());
      events().emplace_back(event);
    });
  }
  ~LoggedEvents() {
    log::set_sink([](log::Level, std::string_view, std::span<const log::Field>) {});
  }
  static std::size_t count(std::string_view event) {
    const std::lock_guard lock(mutex());
    return static_cast<std::size_t>(std::ranges::count(events(), event));
  }

 private:
  static std::vector<std::string>& events() {
    static std::vector<std::string> all;
    return all;
  }
  static std::mutex& mutex() {
    static std::mutex one;
    return one;
  }
};

class TrailFile : public testing::TrailFolder {
 protected:
  // The files of the trail, the oldest first.
  std::vector<std::filesystem::path> files() const {
    std::vector<std::filesystem::path> all{path()};
    for (int i = 1; std::filesystem::exists(path("audit.jsonl." + std::to_string(i))); ++i) {
      all.insert(all.begin(), path("audit.jsonl." + std::to_string(i)));
    }
    return all;
  }
  Verdict verdict() const {
    auto result = verify(files());
    EXPECT_TRUE(result && result->intact());
    return result ? *result : Verdict{};
  }
};

TEST_F(TrailFile, WhatWasRecordedIsThereAfterAFlushAndForItsOwnerOnly) {
  const auto trail = open(options());
  EXPECT_TRUE(trail->record({.user = "ann", .action = "tools/call", .answer = "denied"}));
  EXPECT_TRUE(trail->record({.kind = Kind::change, .user = "bob", .action = "adapter.update", .answer = "done"}));
  EXPECT_TRUE(trail->flush());
  const auto all = lines();
  ASSERT_EQ(all.size(), 2u);
  EXPECT_THAT(all[0], HasSubstr(R"("kind":"decision","user":"ann")"));
  EXPECT_THAT(all[1], HasSubstr(R"("kind":"change","user":"bob")"));
  struct stat status{};
  ASSERT_EQ(::stat(path().c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0600u);
  EXPECT_EQ(trail->state().written, 2u);
  EXPECT_EQ(trail->state().error, "");
}

TEST_F(TrailFile, ItIsWrittenWithoutAFlush) {
  const auto trail = open(options());
  EXPECT_TRUE(trail->record({.user = "ann"}));
  while (trail->state().written == 0) std::this_thread::yield();
  EXPECT_EQ(lines().size(), 1u);
}

TEST_F(TrailFile, ARestartContinuesTheChain) {
  record({"a", "b"});
  record({"c"});
  record({});
  record({"d"});
  EXPECT_EQ(verdict().last_seq, 4u);
  EXPECT_EQ(lines().size(), 4u);
}

TEST_F(TrailFile, WantsWhatTheOptionsSay) {
  auto some = options();
  some.allowed_decisions = false;
  const auto trail = open(some);
  EXPECT_FALSE(trail->wants({.kind = Kind::decision, .answer = "allowed"}));
  EXPECT_TRUE(trail->wants({.kind = Kind::decision, .answer = "denied"}));
  EXPECT_TRUE(trail->wants({.kind = Kind::change, .answer = "done"}));
  const auto off = open({});
  EXPECT_FALSE(off->wants({.kind = Kind::change, .answer = "done"}));
  EXPECT_TRUE(off->record({}));
  EXPECT_TRUE(off->flush());
}

TEST_F(TrailFile, ALineThatWasCutShortIsPutAsideAndTheChainGoesOn) {
  record({"a", "b"});
  const std::string torn = lines()[1].substr(0, 100);
  std::ofstream(path(), std::ios::app) << torn;
  {
    const LoggedEvents events;
    record({"c"});
    EXPECT_EQ(events.count("audit.torn"), 1u);
  }
  EXPECT_EQ(verdict().last_seq, 3u);
  std::ifstream aside(path("audit.jsonl.torn"));
  EXPECT_EQ(std::string(std::istreambuf_iterator<char>(aside), {}), torn);
}

TEST_F(TrailFile, ALongTailOfZerosIsPutAsideToo) {
  record({"a"});
  std::filesystem::resize_file(path(), 1 << 20);
  record({"b"});
  EXPECT_EQ(verdict().last_seq, 2u);
}

TEST_F(TrailFile, DoesNotContinueWhatIsBroken) {
  record({"a", "b"});
  auto all = lines();
  all[1].replace(all[1].find("\"b\""), 3, "\"x\"");
  write(all);
  const auto changed = Trail::open(options());
  ASSERT_FALSE(changed);
  EXPECT_EQ(changed.error().code(), Errc::invalid);
  EXPECT_THAT(changed.error().message(), HasSubstr("the last line of the audit trail " + path() + " was changed"));
  EXPECT_THAT(changed.error().message(), HasSubstr("mcp-gateway audit verify"));
  write({"something else"});
  EXPECT_THAT(Trail::open(options()).error().message(), HasSubstr("is not an audit record"));
  auto folder = options();
  folder.path = folder_;
  EXPECT_FALSE(Trail::open(folder));
  folder.path = path("none/audit.jsonl");
  EXPECT_THAT(Trail::open(folder).error().message(), HasSubstr("cannot open the audit trail " + folder.path));
  folder.path = path("pipe");
  ASSERT_EQ(::mkfifo(folder.path.c_str(), 0600), 0);
  EXPECT_THAT(Trail::open(folder).error().message(), HasSubstr("is not a regular file"));
}

TEST_F(TrailFile, TwoGatewaysDoNotShareAFile) {
  auto trail = open(options());
  const auto second = Trail::open(options());
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code(), Errc::conflict);
  trail.reset();
  EXPECT_TRUE(Trail::open(options()));
}

TEST_F(TrailFile, RotatesAndTheChainGoesOn) {
  auto small = options();
  small.max_bytes = 2000;
  {
    const auto trail = open(small);
    for (int i = 0; i < 40; ++i) EXPECT_TRUE(trail->record({.user = std::to_string(i)}));
    EXPECT_TRUE(trail->flush());
    EXPECT_FALSE(Trail::open(small)) << "the new file must be locked, too";
  }
  EXPECT_GT(files().size(), 5u);
  for (const auto& file : files()) EXPECT_LT(std::filesystem::file_size(file), 2000u + 500u);
  EXPECT_EQ(verdict().records, 40u);
  EXPECT_EQ(verdict().first_seq, 1u);
  EXPECT_FALSE(std::filesystem::exists(path("audit.jsonl.next")));
}

TEST_F(TrailFile, KeepsAsManyOldFilesAsItIsTold) {
  auto small = options();
  small.max_bytes = 1000;
  small.max_files = 2;
  const auto trail = open(small);
  for (int i = 0; i < 40; ++i) EXPECT_TRUE(trail->record({.user = std::to_string(i)}));
  EXPECT_TRUE(trail->flush());
  EXPECT_EQ(files().size(), 3u);
  EXPECT_EQ(verdict().last_seq, 40u);
  EXPECT_GT(verdict().first_seq, 1u);
}

TEST_F(TrailFile, AnEmptyFileContinuesTheOneBeforeIt) {
  record({"a", "b"});
  std::filesystem::rename(path(), path("audit.jsonl.1"));
  record({"c"});
  EXPECT_EQ(files().size(), 2u);
  EXPECT_EQ(verdict().last_seq, 3u);
}

TEST_F(TrailFile, ARotationThatWasCutShortLeavesNoSecondName) {
  record({"a", "b"});
  std::filesystem::create_hard_link(path(), path("audit.jsonl.1"));
  record({"c"});
  EXPECT_EQ(files().size(), 1u);
  EXPECT_EQ(verdict().last_seq, 3u);
}

TEST_F(TrailFile, GoesOnInTheSameFileWhenItCannotRotate) {
  auto small = options();
  small.max_bytes = 500;
  std::filesystem::create_directory(path("audit.jsonl.next"));  // In the way.
  const LoggedEvents events;
  const auto trail = open(small);
  for (int i = 0; i < 10; ++i) EXPECT_TRUE(trail->record({.user = std::to_string(i)}));
  EXPECT_TRUE(trail->flush());
  EXPECT_EQ(verdict().records, 10u);
  EXPECT_EQ(files().size(), 1u);
  EXPECT_EQ(events.count("audit.not_rotated"), 1u);
}

TEST_F(TrailFile, ManyThreadsRecordAtOnce) {
  auto small = options();
  small.max_bytes = 100'000;
  constexpr int threads = 8;
  constexpr int each = 500;
  {
    const auto trail = open(small);
    std::vector<std::jthread> running;
    for (int t = 0; t < threads; ++t) {
      running.emplace_back([&trail, t] {
        for (int i = 0; i < each; ++i) {
          EXPECT_TRUE(trail->record({.user = std::to_string(t), .item = std::to_string(i)}));
          if (i % 100 == 0) EXPECT_TRUE(trail->flush());
        }
      });
    }
  }
  EXPECT_EQ(verdict().records, static_cast<std::uint64_t>(threads * each));
  // Those of one thread are in its order.
  std::vector<int> next(threads, 0);
  for (const auto& file : files()) {
    for (const auto& line : lines(file.filename())) {
      for (int t = 0; t < threads; ++t) {
        if (line.find("\"user\":\"" + std::to_string(t) + "\"") == std::string::npos) continue;
        EXPECT_THAT(line, HasSubstr("\"item\":\"" + std::to_string(next[static_cast<std::size_t>(t)]++) + "\""));
      }
    }
  }
}

// No file of this process may grow beyond this, as if its disk were full.
class FullDisk {
 public:
  explicit FullDisk(std::uint64_t bytes) : before_(::signal(SIGXFSZ, SIG_IGN)) {
    ::getrlimit(RLIMIT_FSIZE, &limit_);
    const rlimit small{bytes, limit_.rlim_max};
    ::setrlimit(RLIMIT_FSIZE, &small);
  }
  ~FullDisk() {
    ::setrlimit(RLIMIT_FSIZE, &limit_);
    ::signal(SIGXFSZ, before_);
  }

 private:
  rlimit limit_{};
  void (*before_)(int);
};

TEST_F(TrailFile, AFullDiskRefusesRecordsUntilThereIsRoomAndLosesNone) {
  const LoggedEvents events;
  const auto trail = open(options());
  EXPECT_TRUE(trail->record({.user = "first"}));
  EXPECT_TRUE(trail->flush());
  std::uint64_t taken = 1;
  {
    const FullDisk full(std::filesystem::file_size(path()) + 150);  // In the middle of a line.
    EXPECT_TRUE(trail->record({.user = "second"}));                 // Nobody knows yet.
    ++taken;
    const auto flushed = trail->flush();
    ASSERT_FALSE(flushed);
    EXPECT_EQ(flushed.error().code(), Errc::unavailable);
    EXPECT_THAT(flushed.error().message(), HasSubstr("cannot write the audit trail " + path()));
    for (int i = 0; i < 3; ++i) EXPECT_EQ(trail->record({.user = "x"}).error().code(), Errc::unavailable);
    EXPECT_FALSE(trail->flush());
    EXPECT_EQ(trail->state().refused, 3u);
    EXPECT_NE(trail->state().error, "");
  }
  EXPECT_TRUE(trail->flush());  // Tries at once.
  EXPECT_TRUE(trail->record({.user = "third"}));
  ++taken;
  EXPECT_TRUE(trail->flush());
  EXPECT_EQ(trail->state().error, "");
  EXPECT_EQ(trail->state().written, taken);
  EXPECT_EQ(verdict().records, taken);
  EXPECT_EQ(events.count("audit.failed"), 1u);
  EXPECT_EQ(events.count("audit.resumed"), 1u);
}

TEST_F(TrailFile, ItTriesAgainByItself) {
  const auto trail = open(options());
  {
    const FullDisk full(100);
    EXPECT_TRUE(trail->record({.user = "ann"}));
    EXPECT_FALSE(trail->flush());
  }
  while (!trail->record({.user = "bob"})) std::this_thread::yield();
  EXPECT_TRUE(trail->flush());
  EXPECT_EQ(verdict().records, 2u);
}

TEST_F(TrailFile, WhatWaitsToBeWrittenIsBounded) {
  const auto trail = open(options());
  const FullDisk full(100);
  // Until the first failure is noticed, everything is taken; then nothing is. Either bound ends this.
  int taken = 0;
  while (trail->record({.reason = std::string(1000, 'x')})) ++taken;
  EXPECT_LT(taken, (16 << 20) / 1000);
  EXPECT_EQ(trail->state().refused, 1u);
}

TEST_F(TrailFile, StandardOutputGetsWholeLinesAndATrailOfItsOwn) {
  int ends[2];
  ASSERT_EQ(::pipe2(ends, O_CLOEXEC), 0);
  const int before = ::dup(STDOUT_FILENO);
  ::fflush(stdout);
  ASSERT_EQ(::dup2(ends[1], STDOUT_FILENO), STDOUT_FILENO);
  {
    const auto trail = open({.target = Target::standard_output});
    for (int i = 0; i < 20; ++i) EXPECT_TRUE(trail->record({.user = std::to_string(i)}));
    EXPECT_TRUE(trail->flush());
  }
  ::dup2(before, STDOUT_FILENO);
  ::close(before);
  ::close(ends[1]);
  std::ofstream copy(path());
  char block[4096];
  for (ssize_t n; (n = ::read(ends[0], block, sizeof block)) > 0;) copy.write(block, n);
  ::close(ends[0]);
  copy.close();
  EXPECT_EQ(verdict().records, 20u);
  EXPECT_EQ(verdict().first_seq, 1u);
}

}  // namespace
}  // namespace gw::audit
