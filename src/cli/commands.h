// What the commands other than `serve` do. Each writes to the console and returns the exit code.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "base/error.h"
#include "cli/cli.h"
#include "openapi/import.h"

namespace gw::cli {

enum class Output { text, json };

// The file that was named, or else the one that `serve` would use.
Result<std::filesystem::path> choose_config_file(const std::optional<std::filesystem::path>& named,
                                                 const Console& console);

// Without a file: the one that `serve` would use.
int validate_config(const std::optional<std::filesystem::path>& file, Output output, const Console& console);
int print_schema(const Console& console);
int print_reference(const Console& console);
// Writes the servers of another client's file to `output`, or to standard output. Never overwrites a file.
int import_file(const std::filesystem::path& file, const std::optional<std::filesystem::path>& output,
                const Console& console);

// The same for the operations of an OpenAPI document, as tools. "-" is standard input.
int import_openapi(const std::filesystem::path& file, const openapi::ImportOptions& options,
                   const std::optional<std::filesystem::path>& output, const Console& console);

}  // namespace gw::cli
