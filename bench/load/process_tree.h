// What a process and its descendants have used, from /proc.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <vector>

namespace gw::bench {

struct CpuTime {
  double user = 0;  // Seconds.
  double system = 0;

  double total() const { return user + system; }
  CpuTime operator-(const CpuTime& other) const { return {user - other.user, system - other.system}; }
};

class ProcessTree {
 public:
  // The tree as it is now: processes that start later are not counted. 0: an empty tree.
  // Throws std::runtime_error when there is no such process.
  explicit ProcessTree(pid_t root);

  bool empty() const { return pids_.empty(); }
  // So far, in steps of 10 ms.
  CpuTime cpu_time() const;
  // Resident memory of all together, in bytes. Pages that they share count once each.
  std::uint64_t resident_bytes() const;

 private:
  std::vector<pid_t> pids_;
};

// Of the calling process.
CpuTime own_cpu_time();

}  // namespace gw::bench
