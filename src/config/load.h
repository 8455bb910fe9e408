// Reads mcp-gateway.yaml: completely, or not at all with everything that is wrong with it.
#pragma once

#include <expected>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "config/options.h"
#include "model/adapter.h"
#include "schema/report.h"

namespace gw::config {

// One thing that is wrong with a file. Shown to users; holds no secrets.
struct Problem {
  std::string file;
  int line = 0;  // Line and column from 1; 0 when the file could not be read.
  int column = 0;
  std::string path;  // "servers[2].url"; empty for the file as a whole.
  std::string message;
};

// "gateway.yaml:7:5: servers[2].url: …", as compilers write it.
std::string to_string(const Problem& problem);

struct Loaded {
  Options options;
  std::vector<model::AdapterSpec> servers;  // And after them the tools, each as it stands in its list.
  std::vector<Problem> warnings;
};

using LoadResult = std::expected<Loaded, std::vector<Problem>>;

// `file` names the text in problems; relative paths in it are taken from `folder`. Blocks on nothing.
LoadResult load_text(std::string_view text, std::string_view file, const std::filesystem::path& folder);

// Reads the file; relative paths in it are taken from its folder.
LoadResult load_file(const std::filesystem::path& path);

// What is wrong with options apart from their shape; also for those that were changed on the command line.
std::vector<schema::Problem> check_options(const Options& options);

// The names of the options that differ and take effect only after a restart: {"listen", "workers"}.
std::vector<std::string> changed_needing_restart(const Options& before, const Options& after);

}  // namespace gw::config
