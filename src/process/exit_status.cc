#include "process/exit_status.h"

#include <signal.h>
#include <string.h>
#include <sys/wait.h>

#include <fmt/format.h>

namespace gw::process {

ExitStatus ExitStatus::killed() {
  return ExitStatus(SIGKILL);
}

std::optional<int> ExitStatus::code() const {
  return WIFEXITED(wait_status_) ? std::optional(WEXITSTATUS(wait_status_)) : std::nullopt;
}

std::optional<int> ExitStatus::signal() const {
  return WIFSIGNALED(wait_status_) ? std::optional(WTERMSIG(wait_status_)) : std::nullopt;
}

std::string ExitStatus::words() const {
  if (const auto number = signal()) {
    const char* const name = ::sigabbrev_np(*number);
    if (name == nullptr) return fmt::format("was killed by signal {}", *number);
    return fmt::format("was killed by SIG{} ({})", name, ::sigdescr_np(*number));
  }
  return fmt::format("exited with status {}", code().value_or(-1));
}

}  // namespace gw::process
