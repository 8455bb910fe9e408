#include "process/launcher_process.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <cerrno>
#include <cstring>
#include <unordered_map>

#include "process/keeper.h"
#include "process/process_tree.h"
#include "process/wire.h"

namespace gw::process {
namespace {

constexpr int socket_buffer = 4 * static_cast<int>(wire::max_payload);
constexpr int longest_goodbye_ms = 2000;
constexpr int min_ms_between_launchers = 100;
constexpr int gateway_gone = 0;  // Exit status of a launcher that has done its duty.

void ignore_reaped(pid_t, int) {}

// Serves requests: one keeper for each process.
class Server {
 public:
  explicit Server(int socket) : socket_(socket) {
    sigset_t child_ended;
    sigemptyset(&child_ended);
    sigaddset(&child_ended, SIGCHLD);
    child_ended_ = UniqueFd(::signalfd(-1, &child_ended, SFD_NONBLOCK | SFD_CLOEXEC));
  }

  // Until the gateway is gone.
  void run() {
    wire::send(socket_, {.kind = wire::Kind::hello});
    while (true) {
      pollfd sources[] = {{socket_, POLLIN, 0}, {child_ended_.get(), POLLIN, 0}};
      if (::poll(sources, 2, -1) < 0) continue;
      if (sources[1].revents != 0) children_ended();
      if (sources[0].revents != 0) {
        wire::Message message;
        if (wire::receive(socket_, message) != wire::Receipt::message) return;
        obey(std::move(message));
      }
    }
  }

 private:
  void obey(wire::Message message) {
    const auto id = message.header.id;
    switch (message.header.kind) {
      case wire::Kind::spawn: return start_keeper(std::move(message));
      case wire::Kind::terminate: return signal_keeper(id, keeper_terminate);
      case wire::Kind::kill: return signal_keeper(id, keeper_kill);
      default: return;
    }
  }

  void start_keeper(wire::Message message) {
    const auto id = message.header.id;
    const pid_t launcher = ::getpid();
    const pid_t keeper = ::fork();
    if (keeper == 0) {
      child_ended_.reset();
      keep(socket_, launcher, std::move(message));
    }
    if (keeper < 0) {
      wire::send(socket_, {.kind = wire::Kind::refused, .stage = wire::Stage::fork, .id = id, .value = errno});
      return;
    }
    keepers_[keeper] = id;
    keeper_of_[id] = keeper;
  }

  void signal_keeper(std::uint64_t id, int number) {
    if (const auto keeper = keeper_of_.find(id); keeper != keeper_of_.end()) ::kill(keeper->second, number);
  }

  void children_ended() {
    signalfd_siginfo ignored;
    while (::read(child_ended_.get(), &ignored, sizeof ignored) > 0) continue;
    bool may_have_strays = false;
    reap([&](pid_t pid, int status) {
      may_have_strays |= status != 0 || !keepers_.contains(pid);
      keeper_ended(pid, status);
    });
    if (may_have_strays) kill_strays();
  }

  void keeper_ended(pid_t pid, int status) {
    const auto keeper = keepers_.find(pid);
    if (keeper == keepers_.end()) return;
    const auto id = keeper->second;
    if (status != 0) wire::send(socket_, {.kind = wire::Kind::exited, .id = id, .value = SIGKILL});
    keeper_of_.erase(id);
    keepers_.erase(keeper);
  }

  // What a keeper left behind when it was killed has become our child. Those that these leave behind in turn are found
  // when they have been reaped.
  void kill_strays() {
    for (const pid_t pid : children()) {
      if (!keepers_.contains(pid)) ::kill(pid, SIGKILL);
    }
  }

  int socket_;
  UniqueFd child_ended_;
  std::unordered_map<pid_t, std::uint64_t> keepers_;
  std::unordered_map<std::uint64_t, pid_t> keeper_of_;
};

void leave_everything_of_the_gateway(int socket) {
  sigset_t all;
  sigfillset(&all);
  ::sigprocmask(SIG_SETMASK, &all, nullptr);
  ::setsid();
  ::prctl(PR_SET_NAME, "mcp-launcher");
  [[maybe_unused]] const int moved = ::chdir("/");
  ::dup2(socket, 3);
  ::close_range(4, ~0U, 0);
  const int null = ::open("/dev/null", O_RDWR);
  for (int fd = 0; fd < 3; ++fd) ::dup2(null, fd);
  if (null > 3) ::close(null);
  ::fcntl(3, F_SETFD, FD_CLOEXEC);
}

// The first process: starts a launcher, and another one should it be killed. It does nothing else, so that nothing in
// it can fail.
[[noreturn]] void guard(int socket) {
  leave_everything_of_the_gateway(socket);
  become_subreaper();
  while (true) {
    const pid_t launcher = ::fork();
    if (launcher == 0) {
      become_subreaper();
      Server(3).run();
      kill_descendants(Duration::max(), ignore_reaped);
      ::_exit(gateway_gone);
    }
    int status = -1;
    if (launcher > 0) ::waitpid(launcher, &status, 0);
    kill_descendants(Duration::max(), ignore_reaped);
    if (status == gateway_gone) ::_exit(0);
    ::poll(nullptr, 0, min_ms_between_launchers);
  }
}

}  // namespace

Result<LauncherProcess> LauncherProcess::start() {
  int pair[2];
  if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) != 0) {
    return fail(Errc::internal, "cannot make a socket for the process launcher: {}", std::strerror(errno));
  }
  UniqueFd ours(pair[0]);
  const UniqueFd theirs(pair[1]);
  for (const int fd : pair) ::setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &socket_buffer, sizeof socket_buffer);
  const pid_t pid = ::fork();
  if (pid < 0) return fail(Errc::internal, "cannot start the process launcher: {}", std::strerror(errno));
  if (pid == 0) guard(theirs.get());
  ::fcntl(ours.get(), F_SETFL, O_NONBLOCK);
  ::signal(SIGPIPE, SIG_IGN);
  return LauncherProcess(std::move(ours), pid);
}

LauncherProcess::LauncherProcess(LauncherProcess&& other) noexcept
    : socket_(std::move(other.socket_)), pid_(std::exchange(other.pid_, -1)) {}

LauncherProcess::~LauncherProcess() {
  if (pid_ < 0) return;
  socket_.reset();
  const UniqueFd watched(static_cast<int>(::syscall(SYS_pidfd_open, pid_, 0)));
  pollfd ended{watched.get(), POLLIN, 0};
  if (::poll(&ended, 1, longest_goodbye_ms) > 0) ::waitpid(pid_, nullptr, 0);
}

}  // namespace gw::process
