// One running child process and everything that it started in turn: "its tree".
#pragma once

#include <sys/types.h>

#include <memory>
#include <string>

#include "process/exit_status.h"
#include "process/log_pump.h"
#include "process/pipe.h"
#include "runtime/event.h"
#include "runtime/task.h"
#include "runtime/time.h"

namespace gw::process {

class Launcher;
struct ProcessState;

// How long each step of a polite stop waits for the process to end.
struct StopGrace {
  Duration after_close = std::chrono::seconds(2);      // Its standard input was closed.
  Duration after_terminate = std::chrono::seconds(3);  // SIGTERM was sent.
};

// Made by Launcher::spawn(). Belongs to the loop on which it was spawned and must be destroyed there, before the
// Launcher.
class Child {
 public:
  // Kills the tree if it still runs. Does not wait for its end, which is certain.
  ~Child();
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  pid_t pid() const;
  const std::string& name() const { return name_; }

  PipeWriter& input() { return *input_; }  // With Input::pipe only.
  PipeReader& output() {
    return *output_;
  }  // With Output::pipe only. May still hold bytes when the process has exited.

  // Set when the process has exited, all of its tree is gone, and its last words are in the log.
  Event& exited();
  bool running() const;
  const ExitStatus& status() const;  // Once it has exited.

  void terminate();  // SIGTERM to the process and its group.
  void kill();       // SIGKILL to the tree.

  // Closes standard input, then sends SIGTERM, then SIGKILL, waiting in between; returns when the tree is gone. When
  // the task is cancelled, the steps that it has not taken are not taken.
  Task<ExitStatus> stop(StopGrace grace = {});

 private:
  friend class Launcher;
  Child(Launcher& launcher, std::shared_ptr<ProcessState> state, std::string name);
  void last_words();

  Launcher& launcher_;
  std::shared_ptr<ProcessState> state_;
  std::string name_;
  std::unique_ptr<PipeWriter> input_;
  std::unique_ptr<PipeReader> output_;
  std::unique_ptr<LogPump> output_log_;
  std::unique_ptr<LogPump> error_log_;
};

}  // namespace gw::process
