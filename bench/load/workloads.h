// The workloads. Each opens its sessions, warms up, measures, and returns the members of its JSON report.
// They throw std::exception when the target cannot do the work at all; single failures are counted.
#pragma once

#include <boost/json/fwd.hpp>

#include "bench/load/options.h"

namespace gw::bench {

// POST tools/call with a body of 137 bytes and a JSON reply, each request in a randomly chosen session. Closed loop
// when options.rate is 0, else open loop: requests leave at fixed times and latency counts from those times.
//
// With the workload "federated-call" the tools of the target's list are called, chosen at random; with "list" the first
// page of tools/list is asked for. Both begin when the list has options.tools tools.
boost::json::object run_requests(const Options& options);

// Sessions with one call each and no connection of their own: the memory of the process under test for each.
boost::json::object run_session_memory(const Options& options);

// Streams of events answer a POST each; latency from the time stamp in the event.
boost::json::object run_event_streams(const Options& options);

// GET streams that stay silent: the memory of the process under test for each.
boost::json::object run_idle_streams(const Options& options);

// Results of 8 MiB to slow readers: how far the memory of the process under test grows for each.
boost::json::object run_big_results(const Options& options);

}  // namespace gw::bench
