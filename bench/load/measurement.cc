#include "bench/load/measurement.h"

#include <fmt/core.h>
#include <boost/json.hpp>

namespace gw::bench {

void Measurement::start() {
  wall_ = now();
  cpu_ = process_.cpu_time();
  own_cpu_ = own_cpu_time();
}

void Measurement::stop() {
  wall_ = now() - wall_;
  cpu_ = process_.cpu_time() - cpu_;
  own_cpu_ = own_cpu_time() - own_cpu_;
}

void Measurement::report(boost::json::object& report, const char* name, std::uint64_t units) const {
  const double seconds = static_cast<double>(wall_) / kSecond;
  report["seconds"] = seconds;
  report[name] = units;
  report[fmt::format("{}_per_second", name)] = static_cast<double>(units) / seconds;
  report["load_cpu_seconds"] = own_cpu_.total();
  if (process_.empty()) return;
  report["cpu_seconds"] = cpu_.total();
  report["cpu_user_seconds"] = cpu_.user;
  report[fmt::format("{}_per_cpu_second", name)] = cpu_.total() > 0 ? static_cast<double>(units) / cpu_.total() : 0;
}

}  // namespace gw::bench
