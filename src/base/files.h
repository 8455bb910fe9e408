// Small whole-file operations with errors that name the file.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "base/error.h"

namespace gw {

// Errc::not_found when absent, Errc::too_large past `max` bytes.
Result<std::string> read_file(const std::filesystem::path& path, std::size_t max = 16 << 20);

// The same for what must never block: Errc::invalid for anything but a regular file, such as a pipe without a writer.
Result<std::string> read_regular_file(const std::filesystem::path& path, std::size_t max);

// Replaces the file in one step, readable and writable by the owner only: a reader sees the old text or the new.
Result<> write_private_file(const std::filesystem::path& path, std::string_view text);

}  // namespace gw
