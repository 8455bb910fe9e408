// Makes what runs, and what the data plane knows, follow the registry.
#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "control/counters.h"
#include "control/registry.h"
#include "control/route_builder.h"
#include "routing/route_table.h"

namespace gw::control {

// What the reconciler knows about one adapter.
struct Observed {
  routing::RoutePtr route;       // As published.
  std::optional<Error> problem;  // See BuiltRoute.
  WallTime ready_since{};        // When it became what it is now: ready (an endpoint takes sessions) or not.
  WallTime problem_since{};      // The same of `problem`.

  std::size_t ready_endpoints() const;
};

// On the control loop. Nothing here waits: runtimes work in the background and tell when something has changed.
class Reconciler {
 public:
  // All of them outlive the reconciler. What may mend itself, such as a missing file, is tried again after
  // `retry_after`.
  Reconciler(Loop& loop, const Registry& registry, Runtime& processes, Runtime& stdio,
             routing::RoutePublisher& publisher, model::ReferenceSources references,
             std::shared_ptr<const net::EgressRules> egress, Counters& counters,
             Duration retry_after = std::chrono::seconds(10));

  // These adapters are to be something else now, or gone: tells the runtimes and publishes, in one batch.
  void reconcile(const std::vector<std::string>& names);
  // The endpoints of these adapters are others now.
  void republish(const std::vector<std::string>& names);
  // Resolves references and reads certificates anew.
  void renew();

  // Null for an adapter that is not in the registry.
  const Observed* find(std::string_view name) const;

 private:
  void observe(const model::Adapter& adapter, routing::RouteTable::Change& change);
  void forget(const std::string& name, routing::RouteTable::Change& change);
  void publish(routing::RouteTable::Change change);

  const Registry& registry_;
  Runtime& processes_;
  Runtime& stdio_;
  routing::RoutePublisher& publisher_;
  RouteBuilder builder_;
  std::map<std::string, Observed, std::less<>> observed_;
  Counters& counters_;
  const Duration retry_after_;
  std::set<std::string> troubled_;  // Those with a problem.
  Timer retry_;
};

}  // namespace gw::control
