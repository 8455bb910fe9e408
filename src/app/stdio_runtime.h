// Adapters whose server speaks stdio: a bridge for each replica, reached in-process like any other server.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "control/runtime.h"
#include "http/server.h"
#include "net/inproc.h"
#include "process/adapter_command.h"
#include "process/launcher.h"
#include "process/log_book.h"
#include "runtime/task_group.h"
#include "stdio/bridge.h"
#include "stdio/process_starter.h"

namespace gw::app {

// On the control loop.
class StdioRuntime final : public control::Runtime {
 public:
  // `on_change(adapter)` is called from the loop after the status of one of its replicas has changed.
  StdioRuntime(Loop& loop, process::Launcher& launcher, process::LogBook& logs, process::SpawnDefaults defaults,
               Duration keep_alive_interval, std::function<void(const std::string& adapter)> on_change);
  ~StdioRuntime() override;

  // Sessions go on unless the command, its environment, the sharing or the limits change, or their replica goes: those
  // with the highest numbers do.
  void apply(const model::Adapter& adapter) override;
  void remove(const std::string& name) override;
  std::vector<routing::Endpoint> endpoints(const model::Adapter& adapter) const override;
  std::vector<process::InstanceStatus> status(const std::string& name) const override;

  // Ends all sessions and processes politely.
  Task<> shut_down();
  std::size_t processes() const;

 private:
  struct Replica;
  struct Group {
    model::Adapter adapter;
    std::vector<std::unique_ptr<Replica>> replicas;
  };

  std::unique_ptr<Replica> make_replica(const model::Adapter& adapter, std::uint32_t instance);
  // Makes those that could not be made.
  void retry();
  void retire(std::unique_ptr<Replica> replica);
  Task<> end(std::unique_ptr<Replica> replica);

  Loop& loop_;
  process::Launcher& launcher_;
  process::LogBook& logs_;
  process::SpawnDefaults defaults_;
  Duration keep_alive_interval_;
  std::function<void(const std::string&)> on_change_;
  http::ServerCounters server_counters_;
  std::map<std::string, Group> groups_;
  Timer retry_;
  TaskGroup ending_;
  Event all_ended_;
};

}  // namespace gw::app
