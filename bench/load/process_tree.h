// What a process and its descendants have used, from /proc.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <vector>

namespace gw::bench {

class ProcessTree {
 public:
  // The tree as it is now: processes that start later are not counted. 0: an empty tree.
  // Throws std::runtime_error when there is no such process.
  explicit ProcessTree(pid_t root);

  bool empty() const { return pids_.empty(); }
  // User and system time so far, in steps of 10 ms.
  double cpu_seconds() const;
  // Resident memory of all together, in bytes. Pages that they share count once each.
  std::uint64_t resident_bytes() const;

 private:
  std::vector<pid_t> pids_;
};

// The same of the calling process.
double own_cpu_seconds();

}  // namespace gw::bench
