// What a Child and the launcher's control loop share about one process. Internal to the module.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <functional>
#include <optional>

#include "base/error.h"
#include "process/exit_status.h"
#include "runtime/event.h"
#include "runtime/loop.h"

namespace gw::process {

// `id` and `loop` are constant; everything else is touched on `loop` only.
struct ProcessState {
  ProcessState(std::uint64_t i, Loop& l) : id(i), loop(l) {}

  const std::uint64_t id;
  Loop& loop;
  Event decided;  // Started or refused.
  std::optional<Error> refusal;
  pid_t pid = -1;
  Event exited;
  ExitStatus status;
  std::function<void()> before_exit;  // Called before `exited` is set. Empty once the Child is gone.
};

}  // namespace gw::process
