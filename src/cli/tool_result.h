// What a tool gave, for people and for pipes.
#pragma once

#include <filesystem>
#include <optional>
#include <string_view>

#include "cli/cli.h"

namespace gw::cli {

// Writes the content of `result`, the raw result of tools/call: texts, or structured content when there is no text, to
// standard output; what cannot be shown goes to the file `save` (the second to "name-2.ext" and so on) or is described
// on standard error. The content of a failed call goes to standard error, and the exit code is 1.
int show_result(std::string_view result, const std::optional<std::filesystem::path>& save, const Console& console);

}  // namespace gw::cli
