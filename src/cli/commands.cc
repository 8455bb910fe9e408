#include "cli/commands.h"

#include <algorithm>
#include <ostream>

#include <fmt/core.h>
#include <boost/json.hpp>

#include "base/files.h"
#include "config/import.h"
#include "config/load.h"
#include "config/reference.h"
#include "json/json.h"

namespace gw::cli {
namespace {

namespace fs = std::filesystem;

boost::json::array problems_json(const std::vector<config::Problem>& problems) {
  boost::json::array list;
  for (const auto& problem : problems) {
    list.push_back({{"file", problem.file},
                    {"line", problem.line},
                    {"column", problem.column},
                    {"path", problem.path},
                    {"message", problem.message}});
  }
  return list;
}

void print_json(const fs::path& file, const config::LoadResult& loaded, const Console& console) {
  const auto errors = loaded ? std::vector<config::Problem>{} : loaded.error();
  const auto warnings = loaded ? loaded->warnings : std::vector<config::Problem>{};
  console.out << json::to_pretty_text(boost::json::object{{"file", file.string()},
                                                          {"valid", loaded.has_value()},
                                                          {"errors", problems_json(errors)},
                                                          {"warnings", problems_json(warnings)}});
}

std::string counted(std::size_t count, std::string_view what) {
  return fmt::format("{} {}{}", count, what, count == 1 ? "" : "s");
}

void print_text(const fs::path& file, const config::LoadResult& loaded, const Console& console) {
  if (!loaded) {
    for (const auto& problem : loaded.error()) console.err << to_string(problem) << '\n';
    console.err << fmt::format("{}: {} {}\n", file.string(), loaded.error().size(),
                               loaded.error().size() == 1 ? "problem" : "problems");
    return;
  }
  for (const auto& warning : loaded->warnings) console.err << "warning: " << to_string(warning) << '\n';
  const auto is_tool = [](const model::AdapterSpec& spec) { return spec.tool.has_value(); };
  const auto tools = static_cast<std::size_t>(std::ranges::count_if(loaded->servers, is_tool));
  console.out << fmt::format("{} is valid: {}", file.string(), counted(loaded->servers.size() - tools, "server"));
  if (tools > 0) console.out << ", " << counted(tools, "tool");
  console.out << '\n';
}

int failed(const Error& error, const Console& console) {
  console.err << "mcp-gateway: " << error.message() << '\n';
  return exit_failed;
}

// What an import brought.
struct Haul {
  const std::string& yaml;
  std::size_t count;
  std::string_view what;  // "server": one of them.
  const std::vector<std::string>& warnings;
};

int write_imported(const Haul& haul, const std::optional<fs::path>& output, const Console& console) {
  for (const auto& warning : haul.warnings) console.err << "warning: " << warning << '\n';
  if (!output) {
    console.out << haul.yaml;
    return exit_ok;
  }
  if (fs::exists(*output)) {
    return failed(Error(Errc::conflict, fmt::format("{} exists already; name another file", output->string())),
                  console);
  }
  if (const auto written = write_private_file(*output, haul.yaml); !written) return failed(written.error(), console);
  console.out << fmt::format("{} written to {}\n", counted(haul.count, haul.what), output->string());
  return exit_ok;
}

}  // namespace

Result<fs::path> choose_config_file(const std::optional<fs::path>& named, const Console& console) {
  const auto chosen = named ? named : config::find_config_file(console.environment);
  if (chosen) return *chosen;
  std::string places;
  for (const auto& place : config::default_config_files(console.environment)) places += "\n  " + place.string();
  return fail(Errc::not_found, "there is no configuration file; name one, or put it at one of:{}", places);
}

int validate_config(const std::optional<fs::path>& file, Output output, const Console& console) {
  const auto chosen = choose_config_file(file, console);
  if (!chosen) return failed(chosen.error(), console);
  const auto loaded = config::load_file(*chosen);
  output == Output::json ? print_json(*chosen, loaded, console) : print_text(*chosen, loaded, console);
  return loaded ? exit_ok : exit_failed;
}

int print_schema(const Console& console) {
  console.out << config::schema_text();
  return exit_ok;
}

int print_reference(const Console& console) {
  console.out << config::reference_page();
  return exit_ok;
}

int import_file(const fs::path& file, const std::optional<fs::path>& output, const Console& console) {
  const auto text = read_file(file, 4 << 20);
  if (!text) return failed(text.error(), console);
  const auto imported = config::import_servers(*text);
  if (!imported) return failed(imported.error().within(file.string()), console);
  return write_imported({imported->yaml, imported->servers, "server", imported->warnings}, output, console);
}

int import_openapi(const fs::path& file, const openapi::ImportOptions& options, const std::optional<fs::path>& output,
                   const Console& console) {
  const bool piped = file == "-";
  const auto text = read_file(piped ? fs::path("/dev/stdin") : file, 16 << 20);
  if (!text) return failed(text.error(), console);
  const auto imported = openapi::import_tools(*text, options);
  if (!imported) return failed(imported.error().within(piped ? "standard input" : file.string()), console);
  return write_imported({imported->yaml, imported->tools, "tool", imported->warnings}, output, console);
}

}  // namespace gw::cli
