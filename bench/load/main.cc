// bench_load: drives one target with one workload and prints one JSON object. docs/benchmarks.md explains the figures.
#include <fmt/core.h>
#include <sys/prctl.h>
#include <boost/json.hpp>
#include <CLI/CLI.hpp>

#include <cstdio>
#include <functional>
#include <map>

#include "bench/load/options.h"
#include "bench/load/workloads.h"

namespace {

using gw::bench::Options;

const std::map<std::string, std::function<boost::json::object(const Options&)>> kWorkloads = {
    {"post", gw::bench::run_requests},     {"sessions", gw::bench::run_requests},
    {"sse", gw::bench::run_event_streams}, {"idle-sse", gw::bench::run_idle_streams},
    {"big", gw::bench::run_big_results},   {"federated-call", gw::bench::run_requests},
    {"list", gw::bench::run_requests},     {"session-memory", gw::bench::run_session_memory},
};

gw::bench::Nanos to_nanos(double seconds) {
  return static_cast<gw::bench::Nanos>(seconds * gw::bench::kSecond);
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("Load generator of the benchmarks: prints one JSON object");
  Options options;
  std::string target;
  double warmup = 1;
  double duration = 5;
  std::vector<std::string> names;
  for (const auto& [name, run] : kWorkloads) names.push_back(name);
  app.add_option("workload", options.workload, "What to do")->required()->check(CLI::IsMember(names));
  app.add_option("--target", target, "HOST:PORT of the proxy")->required();
  app.add_option("--path", options.path, "Path of the adapters; {n} is the number")->capture_default_str();
  app.add_option("--header", options.headers, "A further header, \"Name: value\"");
  app.add_option("--pid", options.pid, "Process whose CPU time and memory are reported");
  app.add_option("--connections", options.connections, "Connections, or streams opened at a time")
      ->check(CLI::Range(1, 100'000))
      ->capture_default_str();
  app.add_option("--sessions", options.sessions, "MCP sessions; 0: one for each connection")
      ->check(CLI::Range(0, 10'000'000));
  app.add_option("--adapters", options.adapters, "Adapters, used in turn")
      ->check(CLI::Range(1, 1'000'000))
      ->capture_default_str();
  app.add_option("--warmup", warmup, "Seconds before the measured interval")
      ->check(CLI::Range(0.0, 600.0))
      ->capture_default_str();
  app.add_option("--duration", duration, "Seconds of the measured interval")
      ->check(CLI::Range(0.1, 3600.0))
      ->capture_default_str();
  app.add_option("--rate", options.rate, "Requests per second of an open loop; 0: closed loop")
      ->check(CLI::Range(0.0, 1e7));
  app.add_option("--streams", options.streams, "Streams")->check(CLI::Range(1, 1'000'000))->capture_default_str();
  app.add_option("--events-per-second", options.events_per_second, "Of each stream; 0: as fast as possible")
      ->check(CLI::Range(0.0, 1e6))
      ->capture_default_str();
  app.add_option("--event-bytes", options.event_bytes, "Size of an event")
      ->check(CLI::Range(256, 1 << 20))
      ->capture_default_str();
  app.add_option("--batch", options.batch, "Events in one write of the upstream")
      ->check(CLI::Range(1, 1024))
      ->capture_default_str();
  app.add_option("--tools", options.tools, "Tools that the list must have before the run begins")
      ->check(CLI::Range(1, 1'000'000))
      ->capture_default_str();
  app.add_option("--stalling", options.stalling,
                 "How the names of tools begin that never answer; one is called all the while");
  app.add_option("--stalled", options.stalled, "How many of them")->check(CLI::Range(1, 10'000))->capture_default_str();
  app.add_option("--read-rate", options.read_bytes_per_second, "Bytes per second of each reader of a big result")
      ->check(CLI::Range(1024.0, 1e9))
      ->capture_default_str();
  CLI11_PARSE(app, argc, argv);

  try {
    ::prctl(PR_SET_TIMERSLACK, 1);  // Open loops need exact wake-ups.
    options.target = gw::bench::parse_address(target);
    options.warmup = to_nanos(warmup);
    options.duration = to_nanos(duration);
    gw::bench::raise_descriptor_limit(std::max(options.streams, options.connections) + 100);
    boost::json::object report = kWorkloads.at(options.workload)(options);
    report["workload"] = options.workload;
    fmt::print("{}\n", boost::json::serialize(report));
    return 0;
  } catch (const std::exception& error) {
    fmt::print(stderr, "bench_load: {} on {}: {}\n", options.workload, target, error.what());
    return 1;
  }
}
