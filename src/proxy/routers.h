// The routers behind a gateway, and which of them could be reached last.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "base/secret_string.h"
#include "routing/route_table.h"
#include "runtime/time.h"

namespace gw::proxy {

// How long a router that could not be reached is left alone: then one request tries it again.
inline constexpr Duration router_pause = std::chrono::seconds(1);

// One for all workers; thread-safe. The set of routers does not change.
class Routers {
 public:
  struct Router {
    std::string url;             // For people.
    routing::Endpoint endpoint;  // Its `instance` is its place in the list, its path is that of each request.
  };
  Routers(std::vector<Router> routers, SecretString secret);

  // All of them as endpoints of a route without a name, which no adapter can have. Rules that name adapters may concern
  // it: it stands for all of them.
  const routing::RoutePtr& route() const { return route_; }
  const SecretString& secret() const { return secret_; }

  // Puts those behind the others that could not be reached lately.
  void prefer_reachable(std::vector<const routing::Endpoint*>& endpoints, SteadyTime now);
  // What became of the attempt to reach one.
  void reached(const routing::Endpoint& endpoint);
  void missed(const routing::Endpoint& endpoint, const Error& error, SteadyTime now);

  struct Status {
    std::string url;
    bool reachable = true;  // Until the first attempt, too.
    WallTime since{};       // Of the last change; the start of the program before the first.
    std::string error;      // Of a router that cannot be reached.
  };
  std::vector<Status> status() const;

 private:
  struct Instance {
    std::atomic<bool> down = false;
    std::atomic<SteadyTime::rep> try_again = 0;  // Of one that is down.
    mutable std::mutex mutex;                    // Over what follows.
    Status status;
  };
  // True for one request in each pause while it is down.
  static bool may_be_asked(Instance& router, SteadyTime now);
  Instance& instance(const routing::Endpoint& endpoint) { return *instances_[endpoint.instance]; }

  routing::RoutePtr route_;
  const SecretString secret_;
  std::vector<std::unique_ptr<Instance>> instances_;
};

}  // namespace gw::proxy
