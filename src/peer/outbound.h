// How the peers of one loop reach their servers.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

#include "peer/counters.h"
#include "peer/shared.h"
#include "routing/route_table.h"
#include "routing/select.h"
#include "runtime/task_group.h"
#include "upstream/pool.h"

namespace gw::peer {

// Belongs to one loop, a worker's or the control loop. `routes`, `pool` and `shared` must outlive it; it must outlive
// the tasks of all peers that use it. Its owner tells pool and selector of endpoints that are gone.
class Outbound {
 public:
  Outbound(const routing::RouteTable& routes, upstream::Pool& pool, Shared& shared, Counters& counters);

  const routing::RouteTable& routes;
  upstream::Pool& pool;
  Shared& shared;
  Counters& counters;
  routing::Selector selector;

  // The same text for capabilities that mean the same: members sorted, no blanks. Remembered, so that it costs a
  // look-up.
  std::shared_ptr<const std::string> canonical(const std::string& capabilities);

  // Runs `task` to its end although nobody waits for it; drops it when too many do already.
  void in_background(const char* name, Task<> task);

 private:
  std::unordered_map<std::string, std::shared_ptr<const std::string>> canonical_;
  TaskGroup background_;
};

}  // namespace gw::peer
