// Host names to addresses, without blocking the loop.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "net/address.h"
#include "runtime/blocking_pool.h"
#include "runtime/task.h"

namespace gw::net {

// Belongs to one loop. Answers are kept for 10 seconds, at most 1,000 of them: the system's resolver does not tell how
// long they are valid.
class Resolver {
 public:
  explicit Resolver(BlockingPool& pool) : pool_(pool) {}

  // At least one address, in the order in which the system prefers them. Numeric hosts answer at once.
  // Errc::unavailable when the name does not resolve.
  Task<Result<std::vector<SocketAddress>>> resolve(std::string host, std::uint16_t port);

 private:
  struct Entry {
    std::vector<SocketAddress> addresses;
    SteadyTime expires;
  };
  BlockingPool& pool_;
  std::map<std::string, Entry> cache_;
};

}  // namespace gw::net
