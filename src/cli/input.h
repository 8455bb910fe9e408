// What people type while a command runs.
#pragma once

#include <string>
#include <string_view>

#include "base/error.h"
#include "base/secret_string.h"

namespace gw::cli {

// For texts that must be seen neither on the screen nor in the list of processes.
// On a terminal: shows `prompt` and reads a line without echo. Else: all of standard input, without one line end at its
// end. Errc::too_large past 64 KiB; Errc::cancelled when there is nothing.
Result<SecretString> read_secret(std::string_view prompt);

// On a terminal: shows `prompt` and reads a line, which may be empty. Errc::cancelled after Ctrl-C and at the end of
// the input, Errc::too_large past 64 KiB.
Result<std::string> read_line(std::string_view prompt);

}  // namespace gw::cli
