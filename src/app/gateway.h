// The whole program as one value. Read gateway.cc from top to bottom: it is the architecture.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "config/defaults.h"
#include "config/load.h"
#include "process/launcher_process.h"
#include "runtime/time.h"

namespace gw::app {

struct GatewaySettings {
  std::filesystem::path config_file;  // Empty when there is none.
  config::Loaded loaded;              // What it says.
  config::Options options;            // That, and the command line; paths resolved.
  config::Environment environment;
  bool log_level_given = false;  // By the command line, which then decides for good.
};

// Made, started and stopped by the main thread.
class Gateway {
 public:
  Gateway(GatewaySettings settings, process::LauncherProcess launcher);
  ~Gateway();

  // Opens the store, starts the threads, applies the configuration, then listens. When it fails nothing is left
  // running.
  Result<> start();
  // "http://127.0.0.1:8000", one for each address.
  std::vector<std::string> urls() const;
  void reload();

  // Lets requests finish, for the drain time at most, stops the servers that it started, and ends. `hurry(longest)`
  // waits up to that long and says whether somebody lost patience.
  void stop(const std::function<bool(Duration longest)>& hurry);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace gw::app
