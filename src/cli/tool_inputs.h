// What a server wants to know in the middle of a call (2026-07-28, "input_required"), asked on the terminal.
#pragma once

#include <string>
#include <string_view>

#include "cli/cli.h"

namespace gw::cli {

// The client capabilities of whoever can be asked, raw.
std::string input_capabilities(const Console& console);

// The raw members of `params` with which the call goes on: inputResponses and requestState. `result` is raw and asks
// for input. Errc::unsupported when nobody can be asked or it asks for something else than the capabilities say;
// Errc::cancelled after Ctrl-C.
Result<std::string> answer_inputs(std::string_view result, const Console& console);

}  // namespace gw::cli
