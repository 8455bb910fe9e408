// A stdio server as this module runs it: an interface, so that tests need no processes.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "base/error.h"
#include "runtime/task.h"

namespace gw::stdio {

// Destroying it kills the process and everything that it started.
class ChildProcess {
 public:
  virtual ~ChildProcess() = default;

  // Some bytes of its standard output; 0 at the end.
  virtual Task<Result<std::size_t>> read(std::span<char> buffer) = 0;
  // Queues bytes for its standard input, waiting while too many are queued.
  virtual Task<Result<>> write(std::string bytes) = 0;
  // Asks it to end, makes it end, and says how it ended: "it exited with status 3".
  virtual Task<std::string> stop() = 0;
  // Keeps a line of its standard output that is not a message with its other log output.
  virtual void keep_log_line(std::string_view line) = 0;
};

class ChildStarter {
 public:
  virtual ~ChildStarter() = default;
  virtual Task<Result<std::unique_ptr<ChildProcess>>> start() = 0;
};

}  // namespace gw::stdio
