// Host names to addresses, without blocking the loop.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "net/address.h"
#include "runtime/blocking_pool.h"
#include "runtime/event.h"
#include "runtime/task.h"
#include "runtime/task_group.h"

namespace gw::net {

// Belongs to one loop. Who asks for a name that is being looked up waits for the same answer. Answers are kept for 10
// seconds, at most 1,000 of them: the system's resolver does not tell how long they are valid.
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
  struct Lookup {
    Event done;
    Result<std::vector<SocketAddress>> addresses;
  };
  Task<> look_up(std::string host, std::uint16_t port, std::string key, std::shared_ptr<Lookup> lookup);

  BlockingPool& pool_;
  std::map<std::string, Entry> cache_;
  std::map<std::string, std::shared_ptr<Lookup>> running_;
  TaskGroup lookups_;  // They go on when nobody waits any more.
};

}  // namespace gw::net
