// How a process ended.
#pragma once

#include <optional>
#include <string>

namespace gw::process {

class ExitStatus {
 public:
  ExitStatus() = default;
  // `wait_status` is what waitpid() gave.
  explicit ExitStatus(int wait_status) : wait_status_(wait_status) {}
  static ExitStatus killed();  // As after SIGKILL.

  bool success() const { return wait_status_ == 0; }
  std::optional<int> code() const;    // When it exited by itself.
  std::optional<int> signal() const;  // When a signal ended it.

  // The end of a sentence that begins with the process: "exited with status 3", "was killed by SIGSEGV (Segmentation
  // fault)".
  std::string words() const;

 private:
  int wait_status_ = 0;
};

}  // namespace gw::process
