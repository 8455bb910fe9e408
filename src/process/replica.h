// One supervised HTTP server process: started, watched, and started again when it ends. Internal to the supervisor.
#pragma once

#include <functional>
#include <memory>
#include <set>

#include "process/adapter_command.h"
#include "process/instance_status.h"
#include "process/launcher.h"
#include "process/supervisor_options.h"
#include "runtime/task_group.h"

namespace gw::process {

// What the replicas of a supervisor share; outlives them.
struct ReplicaContext {
  Launcher& launcher;
  LogBook& logs;
  SpawnDefaults defaults;
  SupervisorOptions options;
  std::set<std::uint16_t> ports = {};  // Handed out and not given back: no two replicas get the same one.
};

// On the launcher's control loop. Destroying it kills the process.
class Replica {
 public:
  // Starts at once. `on_change` is called after each change of the status, by the replica's own task or constructor: it
  // must not destroy the replica.
  Replica(ReplicaContext& context, model::Adapter adapter, std::uint32_t instance, std::function<void()> on_change);
  ~Replica();
  Replica(const Replica&) = delete;
  Replica& operator=(const Replica&) = delete;

  const model::Adapter& adapter() const { return adapter_; }
  const InstanceStatus& status() const { return status_; }
  bool ready() const { return status_.state == InstanceState::ready; }
  bool stopped() const { return status_.state == InstanceState::stopped; }

  // Drains for `drain` when it is ready, then stops it politely. At the end it is stopped(). Again called, it begins
  // anew, so that a shut-down may cut a drain short. Not to be called from on_change.
  void retire(Duration drain);

 private:
  Task<> supervise();
  Task<Error> serve();  // Until the process has ended, or why it did not start.
  Task<bool> wait_until_ready();
  Task<> stop(Duration drain);

  Result<std::uint16_t> take_port();
  void process_ended();
  bool stable() const;
  void enter(InstanceState state);
  void note(std::string_view text);

  ReplicaContext& context_;
  model::Adapter adapter_;
  std::shared_ptr<LogRing> log_;
  std::function<void()> on_change_;
  InstanceStatus status_;
  std::uint32_t failures_ = 0;  // In a row.
  SteadyTime running_since_ = never;
  std::unique_ptr<Child> child_;
  std::unique_ptr<TaskGroup> task_;  // Runs supervise() or stop().
};

}  // namespace gw::process
