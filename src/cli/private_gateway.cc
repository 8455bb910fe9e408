#include "cli/private_gateway.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstring>

#include "process/unique_fd.h"

namespace gw::cli {
namespace {

constexpr Duration longest_start = std::chrono::seconds(30);
constexpr Duration longest_end = std::chrono::seconds(30);
constexpr std::size_t longest_announcement = 4096;
constexpr int ready_descriptor = 3;

// The command line of the child, in a process group of its own: Ctrl-C is this program's to handle.
class Spawn {
 public:
  Spawn() {
    ::posix_spawn_file_actions_init(&actions_);
    ::posix_spawnattr_init(&attributes_);
    sigset_t none;
    sigemptyset(&none);
    ::posix_spawnattr_setsigmask(&attributes_, &none);
    ::posix_spawnattr_setpgroup(&attributes_, 0);
    ::posix_spawnattr_setflags(&attributes_, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK);
    ::posix_spawn_file_actions_addopen(&actions_, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    ::posix_spawn_file_actions_addopen(&actions_, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
  }
  ~Spawn() {
    ::posix_spawnattr_destroy(&attributes_);
    ::posix_spawn_file_actions_destroy(&actions_);
  }
  Spawn(const Spawn&) = delete;
  Spawn& operator=(const Spawn&) = delete;

  Result<pid_t> run(std::vector<std::string> words, int ready) {
    ::posix_spawn_file_actions_adddup2(&actions_, ready, ready_descriptor);
    std::vector<char*> argv;
    for (std::string& word : words) argv.push_back(word.data());
    argv.push_back(nullptr);
    pid_t process = 0;
    const int error = ::posix_spawn(&process, "/proc/self/exe", &actions_, &attributes_, argv.data(), ::environ);
    if (error != 0) return fail(Errc::internal, "cannot start a gateway: {}", std::strerror(error));
    return process;
  }

 private:
  posix_spawn_file_actions_t actions_{};
  posix_spawnattr_t attributes_{};
};

}  // namespace

Result<std::unique_ptr<PrivateGateway>> PrivateGateway::start(const std::filesystem::path& file,
                                                              Interrupts& interrupts) {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) return fail(Errc::internal, "cannot make a pipe: {}", std::strerror(errno));
  const process::UniqueFd reader(ends[0]);
  process::UniqueFd writer(ends[1]);
  // A descriptor that is copied onto itself would stay closed to the child.
  if (writer.get() == ready_descriptor) writer = process::UniqueFd(::fcntl(writer.get(), F_DUPFD_CLOEXEC, 10));
  Spawn spawn;
  GW_TRY(const pid_t process,
         spawn.run({"mcp-gateway", "serve", "--private", "--config", file.string(), "--listen", "127.0.0.1:0",
                    "--log-level", "error", "--ready-fd", std::to_string(ready_descriptor)},
                   writer.get()));
  writer.reset();
  std::unique_ptr<PrivateGateway> made(new PrivateGateway(process));
  GW_TRY_OK(made->wait_until_ready(reader.get(), file, interrupts));
  return made;
}

Result<> PrivateGateway::wait_until_ready(int ready, const std::filesystem::path& file, Interrupts& interrupts) {
  const SteadyTime deadline = steady_now() + longest_start;
  std::string said;
  // Two lines: its end cannot be waited for, since the gateway's own processes hold the pipe, too.
  while (std::ranges::count(said, '\n') < 2 && said.size() < longest_announcement) {
    const Duration left = deadline - steady_now();
    if (left <= Duration::zero()) return fail(Errc::timeout, "the gateway for {} did not start in time", file.string());
    GW_TRY(const bool readable, interrupts.wait_for(ready, left));
    if (!readable) continue;
    std::array<char, 512> bytes{};
    const auto count = ::read(ready, bytes.data(), bytes.size());
    if (count <= 0) break;
    said.append(bytes.data(), static_cast<std::size_t>(count));
  }
  const auto line = said.find('\n');
  if (std::ranges::count(said, '\n') != 2) {
    return fail(Errc::unavailable, "no gateway could be started for {}", file.string());
  }
  target_ = {.url = said.substr(0, line), .token = SecretString(said.substr(line + 1, said.size() - line - 2))};
  return {};
}

PrivateGateway::~PrivateGateway() {
  ::kill(process_, SIGTERM);
  const process::UniqueFd ended(static_cast<int>(::syscall(SYS_pidfd_open, process_, 0)));
  pollfd waiting{ended.get(), POLLIN, 0};
  const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(longest_end).count();
  if (ended && ::poll(&waiting, 1, static_cast<int>(ms)) == 0) ::kill(process_, SIGKILL);
  ::waitpid(process_, nullptr, 0);
}

}  // namespace gw::cli
