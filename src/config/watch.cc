#include "config/watch.h"

#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <set>

namespace gw::config {
namespace {

namespace fs = std::filesystem;

constexpr std::uint32_t interesting = IN_CLOSE_WRITE | IN_MODIFY | IN_ATTRIB | IN_CREATE | IN_DELETE | IN_MOVED_FROM |
                                      IN_MOVED_TO | IN_DELETE_SELF | IN_MOVE_SELF | IN_ONLYDIR;
constexpr int longest_wait_in_quiets = 10;
// How often a folder that is not there is looked for.
constexpr Duration folder_retry = std::chrono::seconds(2);

// What tells one state of a file from another.
struct Signature {
  bool exists = false;
  dev_t device = 0;
  ino_t inode = 0;
  off_t size = 0;
  std::int64_t changed_ns = 0;

  bool operator==(const Signature&) const = default;
};

Signature signature_of(const fs::path& file) {
  struct stat status{};
  if (::stat(file.c_str(), &status) != 0) return {};
  return {true, status.st_dev, status.st_ino, status.st_size,
          status.st_mtim.tv_sec * 1'000'000'000LL + status.st_mtim.tv_nsec};
}

}  // namespace

class FileWatch::Impl final : public Pollable {
 public:
  Impl(Loop& loop, int fd, fs::path file, std::function<void()> on_change, Duration quiet)
      : loop_(loop),
        fd_(fd),
        file_(fs::absolute(file)),
        on_change_(std::move(on_change)),
        quiet_(quiet),
        timer_(loop, [this] { look(); }) {}

  ~Impl() {
    if (registered_) loop_.remove(fd_, *this);
    ::close(fd_);
  }

  Result<> start() {
    GW_TRY_OK(loop_.add(fd_, *this));
    registered_ = true;
    watch_folders();
    last_ = signature_of(file_);
    return {};
  }

  void on_ready(Readiness) override {
    alignas(inotify_event) char buffer[4096];
    bool any = false;
    while (::read(fd_, buffer, sizeof buffer) > 0) any = true;
    if (any) wait_for_quiet();
  }

 private:
  void wait_for_quiet() {
    const SteadyTime now = steady_now();
    if (!waiting_) first_sign_ = now;
    waiting_ = true;
    timer_.arm(std::min(now + quiet_, first_sign_ + longest_wait_in_quiets * quiet_));
  }

  // The folder of the name, and the folder of the file that it leads to. Watching before looking misses nothing.
  void watch_folders() {
    std::set<int> watches;
    const auto watch = [&](const fs::path& folder) {
      const int id = ::inotify_add_watch(fd_, folder.c_str(), interesting);
      if (id >= 0) watches.insert(id);
      return id >= 0;
    };
    const bool watched = watch(file_.parent_path());
    std::error_code unresolved;
    const fs::path target = fs::canonical(file_, unresolved);
    if (!unresolved) watch(target.parent_path());
    for (const int old : watches_) {
      if (!watches.contains(old)) ::inotify_rm_watch(fd_, old);
    }
    watches_ = std::move(watches);
    if (!watched) timer_.arm(steady_now() + folder_retry);
  }

  void look() {
    waiting_ = false;
    watch_folders();
    const Signature now = signature_of(file_);
    if (now == last_) return;
    last_ = now;
    const auto on_change = on_change_;  // Outlives this object, which it may destroy.
    on_change();
  }

  Loop& loop_;
  const int fd_;
  const fs::path file_;
  const std::function<void()> on_change_;
  const Duration quiet_;
  Timer timer_;
  bool registered_ = false;
  bool waiting_ = false;
  SteadyTime first_sign_{};
  std::set<int> watches_;
  Signature last_;
};

FileWatch::FileWatch(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
FileWatch::~FileWatch() = default;

Result<std::unique_ptr<FileWatch>> FileWatch::start(Loop& loop, fs::path file, std::function<void()> on_change,
                                                    Duration quiet) {
  const int fd = ::inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
  if (fd < 0) {
    return fail(Errc::unavailable, "cannot watch {} for changes: {}; raise fs.inotify.max_user_instances",
                file.string(), std::strerror(errno));
  }
  auto impl = std::make_unique<Impl>(loop, fd, std::move(file), std::move(on_change), quiet);
  GW_TRY_OK(impl->start());
  return std::unique_ptr<FileWatch>(new FileWatch(std::move(impl)));
}

}  // namespace gw::config
