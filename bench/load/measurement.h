// The measured interval of a run: wall time, and CPU time of the process under test and of this one.
#pragma once

#include <boost/json/fwd.hpp>

#include <cstdint>

#include "bench/common/clock.h"
#include "bench/load/process_tree.h"

namespace gw::bench {

class Measurement {
 public:
  explicit Measurement(pid_t pid) : process_(pid) {}

  void start();
  void stop();
  // `units` happened in the interval; `name` is their plural: "requests", "events".
  void report(boost::json::object& report, const char* name, std::uint64_t units) const;

 private:
  ProcessTree process_;
  Nanos wall_ = 0;
  CpuTime cpu_;
  CpuTime own_cpu_;
};

}  // namespace gw::bench
