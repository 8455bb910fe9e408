// `mcp-gateway serve`.
#pragma once

#include "cli/cli.h"

namespace gw::app {

// Runs a gateway until a signal ends it; returns the exit code of the program.
int serve(const cli::ServeOptions& options);

}  // namespace gw::app
