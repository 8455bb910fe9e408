// A stdio MCP server that is as hard to get rid of as one can be: for the measurement of what SIGKILL leaves behind.
#pragma once

namespace gw::bench {

// Answers every request line on stdin with an empty result until the process is killed: it ignores SIGTERM, SIGINT,
// SIGHUP and the end of its input. Starts one child that does the same.
[[noreturn]] void run_stubborn_stdio_server();

}  // namespace gw::bench
