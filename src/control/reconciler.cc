#include "control/reconciler.h"

#include <algorithm>

#include "base/log.h"

namespace gw::control {

std::size_t Observed::ready_endpoints() const {
  return static_cast<std::size_t>(std::ranges::count(route->endpoints, true, &routing::Endpoint::ready));
}

Reconciler::Reconciler(Loop& loop, const Registry& registry, Runtime& processes, Runtime& stdio,
                       routing::RoutePublisher& publisher, model::ReferenceSources references,
                       std::shared_ptr<const net::EgressRules> egress, Counters& counters, Duration retry_after)
    : registry_(registry),
      processes_(processes),
      stdio_(stdio),
      publisher_(publisher),
      builder_(processes, stdio, std::move(references), std::move(egress)),
      counters_(counters),
      retry_after_(retry_after),
      retry_(loop, [this] { republish({troubled_.begin(), troubled_.end()}); }) {}

void Reconciler::reconcile(const std::vector<std::string>& names) {
  routing::RouteTable::Change change;
  for (const std::string& name : names) {
    if (const model::Adapter* adapter = registry_.find(name)) {
      processes_.apply(*adapter);
      stdio_.apply(*adapter);
      observe(*adapter, change);
    } else {
      processes_.remove(name);
      stdio_.remove(name);
      forget(name, change);
    }
  }
  publish(std::move(change));
}

void Reconciler::republish(const std::vector<std::string>& names) {
  routing::RouteTable::Change change;
  for (const std::string& name : names) {
    if (const model::Adapter* adapter = registry_.find(name)) observe(*adapter, change);
  }
  publish(std::move(change));
}

void Reconciler::renew() {
  builder_.forget_certificates();
  republish(registry_.names());
}

const Observed* Reconciler::find(std::string_view name) const {
  const auto found = observed_.find(name);
  return found == observed_.end() ? nullptr : &found->second;
}

void Reconciler::observe(const model::Adapter& adapter, routing::RouteTable::Change& change) {
  const std::string& name = adapter.spec.name;
  Observed& observed = observed_[name];
  const bool known = observed.route != nullptr;
  const bool was_ready = known && observed.ready_endpoints() > 0;
  BuiltRoute built = builder_.build(adapter, observed.route.get());

  if (built.problem != observed.problem || !known) {
    if (built.problem) {
      log::warn("adapter.unreachable", {{"adapter", name}, {"error", built.problem->message()}});
    }
    observed.problem = std::move(built.problem);
    observed.problem_since = wall_now();
  }
  if (observed.problem) {
    troubled_.insert(name);
  } else {
    troubled_.erase(name);
  }
  if (known && *observed.route == built.route) return;
  observed.route = std::make_shared<const routing::AdapterRoute>(std::move(built.route));
  change.set.push_back(observed.route);
  const bool is_ready = observed.ready_endpoints() > 0;
  if (is_ready == was_ready && known) return;
  observed.ready_since = wall_now();
  if (is_ready) counters_.adapters_ready.add();
  if (was_ready) counters_.adapters_ready.subtract();
}

void Reconciler::forget(const std::string& name, routing::RouteTable::Change& change) {
  const auto found = observed_.find(name);
  if (found == observed_.end()) return;
  if (found->second.ready_endpoints() > 0) counters_.adapters_ready.subtract();
  observed_.erase(found);
  troubled_.erase(name);
  change.removed.push_back(name);
}

void Reconciler::publish(routing::RouteTable::Change change) {
  counters_.adapters.set(registry_.size());
  if (!troubled_.empty() && !retry_.armed()) retry_.arm(steady_now() + retry_after_);
  if (!change.set.empty() || !change.removed.empty()) publisher_.publish(std::move(change));
}

}  // namespace gw::control
