#include "routing/route_table.h"

namespace gw::routing {

RoutePtr RouteTable::find(std::string_view name) const {
  const auto it = routes_.find(name);
  return it == routes_.end() ? nullptr : it->second;
}

std::vector<std::string> RouteTable::names() const {
  std::vector<std::string> names;
  for (const auto& [name, route] : routes_) names.push_back(name);
  return names;
}

void RouteTable::apply(const Change& change) {
  std::vector<std::string> gone;
  const auto retire = [&](const AdapterRoute& old, const AdapterRoute* next) {
    for (const Endpoint& endpoint : old.endpoints) {
      if (next == nullptr || next->find(endpoint.id) == nullptr) gone.push_back(endpoint.id);
    }
  };
  bool matters = false;
  for (const std::string& name : change.removed) {
    if (const auto it = routes_.find(name); it != routes_.end()) {
      matters = true;
      retire(*it->second, nullptr);
      routes_.erase(it);
    }
  }
  for (const RoutePtr& route : change.set) {
    RoutePtr& slot = routes_[route->name];
    matters = matters || slot == nullptr || slot->uid != route->uid || slot->ownership != route->ownership ||
              slot->federated != route->federated || slot->tool != route->tool;
    if (slot != nullptr) retire(*slot, route.get());
    slot = route;
  }
  if (!gone.empty()) {
    for (const auto& told : gone_) told(gone);
  }
  if (!matters) return;
  for (const auto& told : changed_) told();
}

void RoutePublisher::publish(RouteTable::Change change) {
  if (closed_) return;
  if (published_) published_(change);
  const auto shared = std::make_shared<const RouteTable::Change>(std::move(change));
  workers_.post_to_all([tables = tables_, shared](std::size_t index) { tables[index]->apply(*shared); });
}

}  // namespace gw::routing
