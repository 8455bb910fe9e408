// Stdio servers as local processes.
#pragma once

#include "process/launcher.h"
#include "process/spawn_request.h"
#include "runtime/loop.h"
#include "stdio/child_process.h"

namespace gw::stdio {

// Starts `request` each time, on `loop`. Its children write to one log. The launcher must outlive the children.
class ProcessStarter final : public ChildStarter {
 public:
  ProcessStarter(process::Launcher& launcher, Loop& loop, process::SpawnRequest request);

  Task<Result<std::unique_ptr<ChildProcess>>> start() override;

 private:
  process::Launcher& launcher_;
  Loop& loop_;
  process::SpawnRequest request_;
};

}  // namespace gw::stdio
