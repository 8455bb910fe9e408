// What to start: a value.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "process/log_ring.h"

namespace gw::process {

enum class Input { pipe, null };  // Where standard input comes from: Child::input(), or nowhere.
enum class Output { pipe, log };  // Where standard output goes: Child::output(), or into the log.

struct SpawnRequest {
  std::string name;     // Of the instance, for messages and log events: "git/0".
  std::string command;  // A path, or a name that is looked up in the PATH of `environment`.
  std::vector<std::string> args;
  std::map<std::string, std::string> environment;  // All of it: nothing else is inherited.
  std::string cwd = "/";                           // Must exist.
  std::uint32_t max_open_files = 0;                // RLIMIT_NOFILE; 0 keeps the limit that the gateway started with.
  Input input = Input::pipe;
  Output output = Output::pipe;
  std::shared_ptr<LogRing> log = std::make_shared<LogRing>();  // Receives standard error, and output for Output::log.
};

}  // namespace gw::process
