// Where things are when nobody says where.
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "config/options.h"

namespace gw::config {

// Looks up an environment variable.
using Environment = std::function<std::optional<std::string>(const std::string& name)>;

// $STATE_DIRECTORY (as systemd sets it: the first of several), else $XDG_STATE_HOME/mcp-gateway, else
// ~/.local/state/mcp-gateway. Errc::invalid when there is not even a $HOME.
Result<std::filesystem::path> default_state_directory(const Environment& environment);

// Fills in stateDirectory and store.path where they are empty.
Result<> resolve_paths(Options& options, const Environment& environment);

// The configuration files that are looked for, the first that exists counts: ./mcp-gateway.yaml,
// $XDG_CONFIG_HOME/mcp-gateway/mcp-gateway.yaml (~/.config by default), /etc/mcp-gateway/mcp-gateway.yaml.
std::vector<std::filesystem::path> default_config_files(const Environment& environment);

// The first of them that exists.
std::optional<std::filesystem::path> find_config_file(const Environment& environment);

}  // namespace gw::config
