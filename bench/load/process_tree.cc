#include "bench/load/process_tree.h"

#include <fmt/core.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <fstream>
#include <map>
#include <optional>
#include <sstream>
#include <stdexcept>
#include <string>

namespace gw::bench {
namespace {

struct Stat {
  pid_t parent = 0;
  CpuTime cpu;
};

// proc(5): "pid (name) state ppid …", where the name may hold anything; utime and stime are fields 14 and 15.
std::optional<Stat> read_stat(pid_t pid) {
  std::ifstream file(fmt::format("/proc/{}/stat", pid));
  std::string line;
  if (!std::getline(file, line)) return std::nullopt;
  std::istringstream fields(line.substr(line.rfind(')') + 2));
  std::string skipped;
  Stat stat;
  fields >> skipped >> stat.parent;
  for (int field = 5; field < 14; ++field) fields >> skipped;
  std::uint64_t user = 0;
  std::uint64_t system = 0;
  fields >> user >> system;
  static const double ticks_per_second = static_cast<double>(::sysconf(_SC_CLK_TCK));
  stat.cpu = {static_cast<double>(user) / ticks_per_second, static_cast<double>(system) / ticks_per_second};
  return stat;
}

std::uint64_t resident_bytes_of(pid_t pid) {
  std::ifstream file(fmt::format("/proc/{}/smaps_rollup", pid));
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with("Rss:")) return std::stoull(line.substr(4)) * 1024;
  }
  return 0;
}

std::multimap<pid_t, pid_t> children_by_parent() {
  std::multimap<pid_t, pid_t> result;
  for (const auto& entry : std::filesystem::directory_iterator("/proc")) {
    const auto name = entry.path().filename().string();
    if (!std::all_of(name.begin(), name.end(), [](unsigned char c) { return std::isdigit(c); })) continue;
    const pid_t pid = std::stoi(name);
    if (const auto stat = read_stat(pid)) result.emplace(stat->parent, pid);
  }
  return result;
}

}  // namespace

ProcessTree::ProcessTree(pid_t root) {
  if (root == 0) return;
  if (!read_stat(root)) throw std::runtime_error(fmt::format("there is no process {}", root));
  const auto children = children_by_parent();
  pids_.push_back(root);
  for (std::size_t i = 0; i < pids_.size(); ++i) {
    const auto [begin, end] = children.equal_range(pids_[i]);
    for (auto it = begin; it != end; ++it) pids_.push_back(it->second);
  }
}

CpuTime ProcessTree::cpu_time() const {
  CpuTime sum;
  for (const pid_t pid : pids_) {
    const CpuTime cpu = read_stat(pid).value_or(Stat{}).cpu;
    sum.user += cpu.user;
    sum.system += cpu.system;
  }
  return sum;
}

std::uint64_t ProcessTree::resident_bytes() const {
  std::uint64_t bytes = 0;
  for (const pid_t pid : pids_) bytes += resident_bytes_of(pid);
  return bytes;
}

CpuTime own_cpu_time() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6;
  };
  return {seconds(usage.ru_utime), seconds(usage.ru_stime)};
}

}  // namespace gw::bench
