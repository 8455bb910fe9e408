// Carries what a process writes to one of its output pipes into a LogRing, line by line.
#pragma once

#include <memory>
#include <string>

#include "process/log_ring.h"
#include "process/unique_fd.h"
#include "runtime/loop.h"

namespace gw::process {

// Belongs to one loop. Every line is also the log event `process.output` (debug). A pump that cannot keep up stops
// reading for a turn of the loop, so that a process that floods its output is slowed down and not the gateway.
class LogPump final : public Pollable {
 public:
  // `pipe` is a non-blocking read end. `name` names the process in log events.
  LogPump(Loop& loop, UniqueFd pipe, LogStream stream, std::shared_ptr<LogRing> ring, std::string name);
  ~LogPump();

  // Takes what the pipe holds now, and an unfinished last line with it: for the end of the process.
  void finish();

  void on_ready(Readiness ready) override;

 private:
  enum class More { no, yes };
  More read_some();
  void take(std::string_view bytes);
  void end_line();
  void pump();

  Loop& loop_;
  UniqueFd pipe_;
  LogStream stream_;
  std::shared_ptr<LogRing> ring_;
  std::string name_;
  std::string line_;  // Begun and not ended; one byte more than LogRing::max_line at most, which marks it as cut.
  Timer again_;
};

}  // namespace gw::process
