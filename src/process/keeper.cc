#include "process/keeper.h"

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cerrno>
#include <optional>

#include "process/process_tree.h"

namespace gw::process {
namespace {

constexpr Duration report_after = std::chrono::seconds(2);

struct Failure {
  wire::Stage stage{};
  int error = 0;
};

std::vector<char*> pointers(std::vector<std::string>& texts) {
  std::vector<char*> list;
  for (auto& text : texts) list.push_back(text.data());
  list.push_back(nullptr);
  return list;
}

void reset_signals() {
  for (int number = 1; number < NSIG; ++number) ::signal(number, SIG_DFL);
  sigset_t none;
  sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
}

int limit_resources(const SpawnRequest& request) {
  const rlimit no_core{0, 0};
  if (::setrlimit(RLIMIT_CORE, &no_core) != 0) return errno;
  if (request.max_open_files == 0) return 0;
  const rlimit files{request.max_open_files, request.max_open_files};
  return ::setrlimit(RLIMIT_NOFILE, &files) == 0 ? 0 : errno;
}

// In the child. Returns only when it fails.
Failure become(const SpawnRequest& request, const wire::Stdio& stdio, pid_t keeper) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != keeper) ::_exit(127);
  ::setsid();
  if (const int error = limit_resources(request)) return {wire::Stage::limits, error};
  if (::chdir(request.cwd.c_str()) != 0) return {wire::Stage::directory, errno};
  for (int fd = 0; fd < 3; ++fd) {
    if (::dup2(stdio[static_cast<std::size_t>(fd)].get(), fd) < 0) return {wire::Stage::exec, errno};
  }
  ::close_range(3, ~0U, CLOSE_RANGE_CLOEXEC);

  std::vector<std::string> argv{request.command};
  argv.insert(argv.end(), request.args.begin(), request.args.end());
  std::vector<std::string> variables;
  for (const auto& [name, value] : request.environment) variables.push_back(name + "=" + value);
  auto argv_pointers = pointers(argv);
  auto variable_pointers = pointers(variables);
  environ = variable_pointers.data();  // execvp looks the command up in the PATH that it finds here.
  reset_signals();
  ::execvp(argv_pointers[0], argv_pointers.data());
  return {wire::Stage::exec, errno};
}

class Keeper {
 public:
  Keeper(int socket, std::uint64_t id) : socket_(socket), id_(id) {
    sigemptyset(&obeyed_);
    for (const int number : {SIGCHLD, keeper_terminate, keeper_kill}) sigaddset(&obeyed_, number);
  }

  [[noreturn]] void run(wire::Message request) {
    const Failure failure = start(request);
    request.stdio = {};
    if (failure.error != 0) {
      kill_descendants(Duration::max(), on_reaped_);
      report({.kind = wire::Kind::refused, .stage = failure.stage, .value = failure.error});
      ::_exit(0);
    }
    report({.kind = wire::Kind::started, .value = child_});
    while (!status_) obey_next();
    end();
  }

 private:
  Failure start(const wire::Message& message) {
    const auto request = wire::decode(message.payload);
    if (!request) return {wire::Stage::request, EINVAL};
    int verdict[2];  // Closed by a successful exec; else the failure comes through it.
    if (::pipe2(verdict, O_CLOEXEC) != 0) return {wire::Stage::fork, errno};
    const UniqueFd verdict_in(verdict[0]);
    UniqueFd verdict_out(verdict[1]);
    const pid_t keeper = ::getpid();
    child_ = ::fork();
    if (child_ < 0) return {wire::Stage::fork, errno};
    if (child_ == 0) {
      const Failure failure = become(*request, message.stdio, keeper);
      [[maybe_unused]] const auto written = ::write(verdict_out.get(), &failure, sizeof failure);
      ::_exit(127);
    }
    verdict_out.reset();
    Failure failure;
    ssize_t n = 0;
    do {
      n = ::read(verdict_in.get(), &failure, sizeof failure);
    } while (n < 0 && errno == EINTR);
    return n == sizeof failure ? failure : Failure{};
  }

  void obey_next() {
    const int number = ::sigwaitinfo(&obeyed_, nullptr);
    if (number == SIGCHLD) reap(on_reaped_);
    if (number == keeper_terminate) ::kill(-child_, SIGTERM);
    if (number == keeper_kill) kill_all();
  }

  void kill_all() {
    const bool gone = kill_descendants(report_after, on_reaped_);
    if (!gone && !status_) status_ = SIGKILL;
  }

  // The exit is reported when the tree is gone, so that nothing of it holds a port or a file any more.
  [[noreturn]] void end() {
    kill_all();
    if (status_) report({.kind = wire::Kind::exited, .value = *status_});
    kill_descendants(Duration::max(), on_reaped_);
    ::_exit(0);
  }

  void report(wire::Header header) {
    header.id = id_;
    wire::send(socket_, header);  // Without a gateway there is nobody to tell, and the launcher ends this process soon.
  }

  int socket_;
  std::uint64_t id_;
  sigset_t obeyed_;
  pid_t child_ = -1;
  std::optional<int> status_;  // The child's wait status, once it has ended.
  OnReaped on_reaped_ = [this](pid_t pid, int status) {
    if (pid == child_) status_ = status;
  };
};

}  // namespace

void keep(int socket, pid_t launcher, wire::Message request) {
  ::prctl(PR_SET_PDEATHSIG, keeper_kill);
  if (::getppid() != launcher) ::_exit(1);
  ::prctl(PR_SET_NAME, "mcp-keeper");
  become_subreaper();
  Keeper(socket, request.header.id).run(std::move(request));
}

}  // namespace gw::process
