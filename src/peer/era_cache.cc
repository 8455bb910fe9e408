#include "peer/era_cache.h"

namespace gw::peer {
namespace {

// The id of a process's endpoint differs from start to start; its server does not.
std::string_view place_of(const routing::Endpoint& endpoint) {
  return endpoint.is_process || endpoint.inproc != nullptr ? "local" : std::string_view(endpoint.id);
}

}  // namespace

std::string_view to_string(Dialect dialect) {
  switch (dialect) {
    case Dialect::modern: return "modern";
    case Dialect::legacy: return "legacy";
    case Dialect::sse: return "sse";
  }
  return "legacy";
}

bool EraCache::Verdict::is_about(const routing::AdapterRoute& route) const {
  if (route.endpoints.empty()) return false;
  const routing::Endpoint& first = route.endpoints.front();
  return place == place_of(first) && path == first.path && sse_path == first.sse_path;
}

ServerInfoPtr EraCache::find(const routing::AdapterRoute& route, SteadyTime now) const {
  const std::lock_guard lock(mutex_);
  const auto it = verdicts_.find(route.uid);
  if (it == verdicts_.end() || it->second.expires <= now || !it->second.is_about(route)) return nullptr;
  return it->second.info;
}

void EraCache::put(const routing::AdapterRoute& route, ServerInfoPtr info, SteadyTime now, Duration lifetime) {
  if (route.endpoints.empty()) return;
  const routing::Endpoint& first = route.endpoints.front();
  const std::lock_guard lock(mutex_);
  std::erase_if(verdicts_, [now](const auto& entry) { return entry.second.expires <= now; });
  verdicts_[route.uid] = {std::move(info), std::string(place_of(first)), first.path, first.sse_path, now + lifetime};
}

ServerInfoPtr EraCache::learn(const routing::AdapterRoute& route, ServerInfo info) {
  auto learnt = std::make_shared<const ServerInfo>(std::move(info));
  const std::lock_guard lock(mutex_);
  const auto it = verdicts_.find(route.uid);
  if (it == verdicts_.end() || it->second.info->dialect != learnt->dialect) return learnt;
  if (*it->second.info != *learnt) it->second.info = learnt;
  return it->second.info;
}

void EraCache::forget(const routing::AdapterRoute& route) {
  const std::lock_guard lock(mutex_);
  verdicts_.erase(route.uid);
}

}  // namespace gw::peer
