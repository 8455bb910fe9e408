// What is counted, gathered for /metrics and /status. The names are part of the interface: tests/golden/metrics.txt.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "app/data_plane.h"
#include "control/control.h"

namespace gw::app {

struct MetricsSources {
  std::vector<const WorkerCounters*> workers;
  const control::Counters& control;
  std::size_t stdio_processes;
  const peer::Counters* listers = nullptr;  // Of the control loop.
};

std::string metrics_text(const MetricsSources& sources);
std::map<std::string, std::uint64_t> status_figures(const MetricsSources& sources);

}  // namespace gw::app
