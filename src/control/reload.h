// Follows the configuration file: what is valid is applied as a whole, what is not changes nothing and is told.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "config/load.h"
#include "config/watch.h"
#include "control/call.h"
#include "control/counters.h"
#include "control/registry.h"
#include "runtime/blocking_pool.h"
#include "runtime/task_group.h"

namespace gw::control {

using PrepareOptions = std::function<Result<std::function<void()>>(const config::Options&)>;

// For /status.
struct ReloadState {
  std::filesystem::path file;
  WallTime applied_at{};
  // Of the file as it is on disk, when it was refused; empty otherwise. One line each, as compilers write it.
  std::vector<std::string> problems;
  WallTime rejected_at{};
  // Options of the file that differ from those that the gateway runs with.
  std::vector<std::string> needs_restart;
};

// On the control loop.
class Reload {
 public:
  struct Hooks {
    // Applies the servers, all or none; see Registry::apply_file.
    std::function<std::expected<FileChange, std::vector<schema::Problem>>(std::vector<model::AdapterSpec>)> servers;
    // Makes ready to apply options that can change while running; what it returns applies them. What it refuses, such
    // as a reference that leads nowhere, rejects the file. May be empty.
    PrepareOptions options;
    // Told of each file, applied or rejected. One that it cannot take a record of is rejected. May be empty.
    AuditHook audit = {};
  };

  // `started_with` are the options of the file at the start. With an empty `file` nothing is ever read.
  Reload(Loop& loop, BlockingPool& blocking, std::filesystem::path file, config::Options started_with, Hooks hooks,
         Counters& counters);
  ~Reload();

  // Begins to follow the file: reads it once it has been left alone for `quiet`. When the system gives no watch, that
  // is logged and reload() remains.
  void watch(Duration quiet = std::chrono::milliseconds(200));
  // Reads the file again, now or when the reading that is under way has ended.
  void reload();
  // Follows no more. What is being read is dropped.
  void stop();

  const ReloadState& state() const { return state_; }

 private:
  Task<> read_until_current();
  void take(config::LoadResult loaded);
  void apply(config::Loaded loaded);
  void reject(std::vector<std::string> problems);
  Result<> record(std::string answer, std::string reason) const;

  Loop& loop_;
  BlockingPool& blocking_;
  config::Options started_with_;
  Hooks hooks_;
  Counters& counters_;
  ReloadState state_;
  bool again_ = false;
  std::unique_ptr<config::FileWatch> watch_;
  std::unique_ptr<TaskGroup> reading_;
};

}  // namespace gw::control
