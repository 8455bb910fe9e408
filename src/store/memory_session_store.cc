#include "store/memory_session_store.h"

#include <algorithm>
#include <tuple>

namespace gw::store {

std::vector<StoredSession> MemorySessionStore::by_change(WallTime now) const {
  std::vector<StoredSession> all;
  for (const auto& [id, session] : sessions_) {
    if (session.expires_at > now) all.push_back(session);
  }
  std::ranges::sort(all, {}, [](const StoredSession& s) { return std::tie(s.changed_at, s.id); });
  return all;
}

Result<std::vector<StoredSession>> MemorySessionStore::list_sessions(WallTime now) {
  const std::lock_guard lock(mutex_);
  return by_change(now);
}

Result<> MemorySessionStore::write_sessions(const std::vector<StoredSession>& changed,
                                            const std::vector<std::string>& gone) {
  const std::lock_guard lock(mutex_);
  for (const StoredSession& session : changed) sessions_.insert_or_assign(session.id, session);
  for (const std::string& id : gone) sessions_.erase(id);
  return {};
}

Result<std::size_t> MemorySessionStore::prune_sessions(WallTime now, std::size_t most) {
  const std::lock_guard lock(mutex_);
  std::size_t removed = std::erase_if(sessions_, [&](const auto& entry) { return entry.second.expires_at <= now; });
  const auto left = by_change(now);
  for (std::size_t i = 0; i + most < left.size(); ++i) removed += sessions_.erase(left[i].id);
  return removed;
}

}  // namespace gw::store
