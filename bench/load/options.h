// What one run of the load generator does: main.cc fills it from the command line.
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "bench/common/clock.h"
#include "bench/common/sockets.h"

namespace gw::bench {

struct Options {
  std::string workload;
  Address target;
  std::string path = "/adapters/a{n}/mcp";  // {n} is the number of the adapter, from 0.
  std::vector<std::string> headers;         // Further ones for every request, "Name: value".
  pid_t pid = 0;                            // The process under test; 0: no CPU or memory figures.

  std::size_t connections = 32;
  std::size_t sessions = 0;  // 0: one for each connection or stream.
  std::size_t adapters = 1;

  Nanos warmup = kSecond;
  Nanos duration = 5 * kSecond;
  double rate = 0;  // Requests per second; 0: as fast as replies come.

  std::size_t streams = 64;
  double events_per_second = 100;  // Of each stream; 0: as fast as possible.
  std::size_t event_bytes = 1024;
  std::size_t batch = 1;  // Events in one write of the upstream.

  std::size_t tools = 20;  // That the list must have before the run begins.
  std::string stalling;    // How the names of tools begin that never answer: only `stalled` further connections call
                           // one, before the run.
  std::size_t stalled = 32;

  double read_bytes_per_second = 1 << 20;  // Of each reader of a big result.
};

}  // namespace gw::bench
