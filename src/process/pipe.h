// The gateway's ends of the pipes that lead to a child process.
#pragma once

#include <deque>
#include <span>
#include <string>

#include "base/error.h"
#include "process/unique_fd.h"
#include "runtime/event.h"
#include "runtime/loop.h"
#include "runtime/task.h"

namespace gw::process {

// Both belong to one loop. Their descriptors are non-blocking.

class PipeReader final : public Pollable {
 public:
  PipeReader(Loop& loop, UniqueFd pipe);
  ~PipeReader();

  // Between 1 and buffer.size() bytes as soon as there are any; 0 at the end, which comes when every process that holds
  // the other end has closed it. One call at a time; may be cancelled without losing bytes.
  Task<Result<std::size_t>> read(std::span<char> buffer);

  void on_ready(Readiness ready) override;

 private:
  Loop& loop_;
  UniqueFd pipe_;
  Event readable_;
};

// A message is queued as a whole or not at all, so that cancelling a writer never leaves half a message in the pipe.
class PipeWriter final : public Pollable {
 public:
  static constexpr std::size_t max_queued = 1 << 20;

  PipeWriter(Loop& loop, UniqueFd pipe);
  ~PipeWriter();

  // Waits until fewer than max_queued bytes are queued, then queues all of `message` (which may itself be larger).
  // Errc::upstream once the process has closed its end, Errc::invalid after close(). The messages of
  // one task keep their order.
  Task<Result<>> write(std::string message);
  // Closes the pipe when what is queued has been written. Idempotent.
  void close();

  std::size_t queued() const { return queued_; }

  void on_ready(Readiness ready) override;

 private:
  void flush();
  void shut();

  Loop& loop_;
  UniqueFd pipe_;
  std::deque<std::string> queue_;
  std::size_t queued_ = 0;
  std::size_t written_ = 0;  // Of the first message.
  bool closing_ = false;
  Event progress_;
};

}  // namespace gw::process
