// The command line of mcp-gateway: what people type, and what the commands other than serving do.
#pragma once

#include <filesystem>
#include <functional>
#include <iosfwd>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/log.h"
#include "base/secret_string.h"
#include "config/defaults.h"
#include "config/options.h"

namespace gw::cli {

// Exit codes, which are part of the interface.
inline constexpr int exit_ok = 0;
inline constexpr int exit_failed = 1;
inline constexpr int exit_usage = 2;

// What `serve` was told; everything else comes from the configuration file.
struct ServeOptions {
  std::optional<std::filesystem::path> config;
  std::vector<std::string> listen;  // Replaces all addresses of the file when not empty.
  std::optional<std::string> state_directory;
  std::optional<log::Level> log_level;
  std::optional<config::LogFormat> log_format;
  std::optional<config::RouterMode> role;
  std::optional<int> ready_fd;  // Gets a line with the URLs once the gateway listens, and is closed.
  bool is_private = false;      // For the command that starts it, and ends with it: app/private_mode.h.
};

// Lets the command line win over the file. config::check_options belongs after it.
void overlay(config::Options& options, const ServeOptions& serve);

struct Handlers {
  std::function<int(const ServeOptions&)> serve;
};

// Where commands write and what they read their surroundings from.
struct Console {
  std::ostream& out;
  std::ostream& err;
  config::Environment environment;
  // Asks for a text that is not shown; cli/input.h.
  std::function<Result<SecretString>(std::string_view prompt)> read_secret = {};
  // Asks for a line; empty when there is no terminal to ask on.
  std::function<Result<std::string>(std::string_view prompt)> read_line = {};
  std::size_t width = 0;    // Columns of the terminal that `out` is; 0 when it is none.
  bool is_watched = false;  // Whether `err` is a terminal: somebody is interested in how it goes.
};

// Runs one command line and returns its exit code: 0 done, 1 failed, 2 not understood. The short form uses the
// process's own streams and environment.
int run(int argc, const char* const* argv, const Handlers& handlers);
int run(int argc, const char* const* argv, const Handlers& handlers, const Console& console);

// The help of every command, one after the other: for the golden file.
std::string all_help();

std::string_view version();

}  // namespace gw::cli
