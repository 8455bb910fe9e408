#include "routing/select.h"

#include <algorithm>

#include "session/affinity.h"

namespace gw::routing {
namespace {

struct Ready {
  std::vector<session::Candidate> candidates;
  std::vector<const Endpoint*> endpoints;
};

Ready ready_endpoints(const AdapterRoute& route, const std::unordered_map<std::string, std::uint32_t>& sent) {
  Ready ready;
  for (const Endpoint& endpoint : route.endpoints) {
    if (!endpoint.ready) continue;
    const auto it = sent.find(endpoint.id);
    ready.candidates.push_back({endpoint.id, it == sent.end() ? 0 : it->second});
    ready.endpoints.push_back(&endpoint);
  }
  return ready;
}

// The chosen one first; the others follow for the case that it cannot be reached.
std::vector<const Endpoint*> with_first(Ready ready, std::optional<std::size_t> first) {
  if (first)
    std::rotate(ready.endpoints.begin(), ready.endpoints.begin() + static_cast<std::ptrdiff_t>(*first),
                ready.endpoints.end());
  return std::move(ready.endpoints);
}

}  // namespace

// A newcomer begins level with the others: else it would get every session until it had caught up with them.
void Selector::welcome(const AdapterRoute& route) {
  std::optional<std::uint32_t> fewest;
  for (const Endpoint& endpoint : route.endpoints) {
    if (const auto it = sent_.find(endpoint.id); endpoint.ready && it != sent_.end()) {
      fewest = std::min(fewest.value_or(it->second), it->second);
    }
  }
  for (const Endpoint& endpoint : route.endpoints) {
    if (endpoint.ready) sent_.try_emplace(endpoint.id, fewest.value_or(0));
  }
}

std::vector<const Endpoint*> Selector::for_new_session(const AdapterRoute& route) {
  welcome(route);
  Ready ready = ready_endpoints(route, sent_);
  const auto first = session::choose_for_new_session(ready.candidates, turn_++);
  if (first) ++sent_[ready.endpoints[*first]->id];
  return with_first(std::move(ready), first);
}

std::vector<const Endpoint*> Selector::for_key(const AdapterRoute& route, std::string_view key) {
  const Ready ready = ready_endpoints(route, sent_);
  std::vector<const Endpoint*> ranked;
  ranked.reserve(ready.endpoints.size());
  for (const std::size_t place : session::rank_for_key(key, ready.candidates)) ranked.push_back(ready.endpoints[place]);
  return ranked;
}

}  // namespace gw::routing
