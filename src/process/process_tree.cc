#include "process/process_tree.h"

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <memory>
#include <optional>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/strings.h"
#include "process/unique_fd.h"

namespace gw::process {
namespace {

constexpr timespec pause_between_passes{0, 5'000'000};

std::optional<pid_t> parent_of(pid_t pid) {
  char path[32];
  std::snprintf(path, sizeof path, "/proc/%d/stat", pid);
  const UniqueFd file(::open(path, O_RDONLY | O_CLOEXEC));
  if (!file) return {};
  char text[512];
  const ssize_t n = ::read(file.get(), text, sizeof text);
  if (n <= 0) return {};
  // "pid (name) state parent …", where the name may contain anything.
  std::string_view rest(text, static_cast<std::size_t>(n));
  const auto name_end = rest.rfind(')');
  if (name_end == rest.npos || name_end + 4 > rest.size()) return {};
  rest.remove_prefix(name_end + 4);
  const auto parent = parse_unsigned(rest.substr(0, rest.find(' ')));
  return parent ? std::optional(static_cast<pid_t>(*parent)) : std::nullopt;
}

using ChildrenByParent = std::unordered_map<pid_t, std::vector<pid_t>>;

ChildrenByParent all_processes() {
  ChildrenByParent children;
  const std::unique_ptr<DIR, int (*)(DIR*)> proc(::opendir("/proc"), ::closedir);
  if (!proc) return children;
  while (const dirent* entry = ::readdir(proc.get())) {
    const auto pid = parse_unsigned(entry->d_name);
    const auto parent = pid ? parent_of(static_cast<pid_t>(*pid)) : std::nullopt;
    if (parent) children[*parent].push_back(static_cast<pid_t>(*pid));
  }
  return children;
}

std::vector<pid_t> descendants() {
  const auto all = all_processes();
  std::vector<pid_t> found{::getpid()};
  for (std::size_t i = 0; i < found.size(); ++i) {
    if (const auto own = all.find(found[i]); own != all.end()) {
      found.insert(found.end(), own->second.begin(), own->second.end());
    }
  }
  found.erase(found.begin());
  return found;
}

}  // namespace

int become_subreaper() {
  return ::prctl(PR_SET_CHILD_SUBREAPER, 1) == 0 ? 0 : errno;
}

std::vector<pid_t> children() {
  auto all = all_processes();
  return std::move(all[::getpid()]);
}

bool reap(const OnReaped& on_reaped) {
  while (true) {
    int status = 0;
    const pid_t pid = ::waitpid(-1, &status, WNOHANG);
    if (pid > 0) {
      on_reaped(pid, status);
    } else if (pid == 0) {
      return true;
    } else if (errno != EINTR) {
      return false;
    }
  }
}

bool kill_descendants(Duration longest, const OnReaped& on_reaped) {
  sigset_t child_ended;
  sigemptyset(&child_ended);
  sigaddset(&child_ended, SIGCHLD);
  const auto deadline = longest == Duration::max() ? never : steady_now() + longest;
  while (reap(on_reaped)) {
    if (steady_now() >= deadline) return false;
    for (const pid_t pid : descendants()) ::kill(pid, SIGKILL);
    ::sigtimedwait(&child_ended, nullptr, &pause_between_passes);
  }
  return true;
}

}  // namespace gw::process
