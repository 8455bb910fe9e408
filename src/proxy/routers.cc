#include "proxy/routers.h"

#include "base/log.h"

namespace gw::proxy {
namespace {

// Within a data centre. What it costs is the delay of the one request that tries.
constexpr Duration connect_timeout = std::chrono::seconds(2);
// The limits of servers are the router's business; this only bounds the wait for a router that hangs.
constexpr Duration response_timeout = std::chrono::hours(1);

}  // namespace

Routers::Routers(std::vector<Router> routers, SecretString secret) : secret_(std::move(secret)) {
  routing::AdapterRoute route;
  route.uid = "routers";
  route.ownership.required_roles = {std::string(identity::everybody)};
  route.connect_timeout = connect_timeout;
  route.response_timeout = response_timeout;
  for (Router& router : routers) {
    auto instance = std::make_unique<Instance>();
    instance->status = {.url = std::move(router.url), .since = wall_now()};
    router.endpoint.instance = static_cast<std::uint32_t>(instances_.size());
    instances_.push_back(std::move(instance));
    route.endpoints.push_back(std::move(router.endpoint));
  }
  route_ = std::make_shared<const routing::AdapterRoute>(std::move(route));
}

bool Routers::may_be_asked(Instance& router, SteadyTime now) {
  if (!router.down.load(std::memory_order_relaxed)) return true;
  const SteadyTime::rep present = now.time_since_epoch().count();
  SteadyTime::rep due = router.try_again.load();
  return due <= present && router.try_again.compare_exchange_strong(due, present + router_pause.count());
}

void Routers::prefer_reachable(std::vector<const routing::Endpoint*>& endpoints, SteadyTime now) {
  std::vector<const routing::Endpoint*> later;
  std::erase_if(endpoints, [&](const routing::Endpoint* endpoint) {
    if (may_be_asked(instance(*endpoint), now)) return false;
    later.push_back(endpoint);
    return true;
  });
  endpoints.insert(endpoints.end(), later.begin(), later.end());
}

void Routers::reached(const routing::Endpoint& endpoint) {
  Instance& router = instance(endpoint);
  if (!router.down.load(std::memory_order_relaxed) || !router.down.exchange(false)) return;
  const std::lock_guard lock(router.mutex);
  router.status.reachable = true;
  router.status.since = wall_now();
  router.status.error.clear();
  log::info("router.reached", {{"url", router.status.url}});
}

void Routers::missed(const routing::Endpoint& endpoint, const Error& error, SteadyTime now) {
  Instance& router = instance(endpoint);
  router.try_again = (now + router_pause).time_since_epoch().count();
  const bool was_down = router.down.exchange(true);
  const std::lock_guard lock(router.mutex);
  router.status.error = error.message();
  if (was_down) return;
  router.status.reachable = false;
  router.status.since = wall_now();
  log::warn("router.unreachable", {{"url", router.status.url}, {"error", error.message()}});
}

std::vector<Routers::Status> Routers::status() const {
  std::vector<Status> list;
  for (const auto& instance : instances_) {
    const std::lock_guard lock(instance->mutex);
    list.push_back(instance->status);
  }
  return list;
}

}  // namespace gw::proxy
