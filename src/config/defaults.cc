#include "config/defaults.h"

namespace gw::config {
namespace {

namespace fs = std::filesystem;

constexpr const char* program = "mcp-gateway";
constexpr const char* file_name = "mcp-gateway.yaml";

// The base directory specification ignores relative paths.
std::optional<fs::path> absolute_path(const Environment& environment, const std::string& name) {
  const auto value = environment(name);
  if (!value || !value->starts_with('/')) return {};
  return fs::path(value->substr(0, name == "STATE_DIRECTORY" ? value->find(':') : std::string::npos));
}

}  // namespace

Result<fs::path> default_state_directory(const Environment& environment) {
  if (const auto directory = absolute_path(environment, "STATE_DIRECTORY")) return *directory;
  if (const auto state = absolute_path(environment, "XDG_STATE_HOME")) return *state / program;
  if (const auto home = absolute_path(environment, "HOME")) return *home / ".local/state" / program;
  return fail(Errc::invalid, "there is no home directory to keep state in; set stateDirectory or give --state-dir");
}

Result<> resolve_paths(Options& options, const Environment& environment) {
  if (options.state_directory.empty()) {
    GW_TRY(const auto directory, default_state_directory(environment));
    options.state_directory = directory.string();
  }
  if (options.store.path.empty()) options.store.path = fs::path(options.state_directory) / "gateway.db";
  return {};
}

std::vector<fs::path> default_config_files(const Environment& environment) {
  std::vector<fs::path> files{file_name};
  if (const auto config = absolute_path(environment, "XDG_CONFIG_HOME")) {
    files.push_back(*config / program / file_name);
  } else if (const auto home = absolute_path(environment, "HOME")) {
    files.push_back(*home / ".config" / program / file_name);
  }
  files.push_back(fs::path("/etc") / program / file_name);
  return files;
}

std::optional<fs::path> find_config_file(const Environment& environment) {
  std::error_code unreadable;
  for (auto& file : default_config_files(environment)) {
    if (fs::exists(file, unreadable)) return std::move(file);
  }
  return {};
}

}  // namespace gw::config
