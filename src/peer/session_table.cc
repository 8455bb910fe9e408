#include "peer/session_table.h"

namespace gw::peer {

std::size_t SessionTable::Hash::operator()(const SessionKey& key) const {
  std::size_t hash = 0;
  for (const std::string_view part : {key.adapter_uid, key.user, key.capabilities, key.client}) {
    hash = hash * 1'000'003 + std::hash<std::string_view>()(part);
  }
  return hash;
}

SessionPtr SessionTable::find(const SessionKey& key, SteadyTime now) {
  const std::lock_guard lock(mutex_);
  const auto it = by_key_.find(key);
  if (it == by_key_.end()) return nullptr;
  it->second->used = now;
  entries_.splice(entries_.end(), entries_, it->second);
  return it->second->session;
}

void SessionTable::put(const SessionKey& key, SessionPtr session, SteadyTime now) {
  const std::lock_guard lock(mutex_);
  if (const auto it = by_key_.find(key); it != by_key_.end()) end(it->second);
  while (!entries_.empty() && entries_.size() >= options_.max_sessions) end(entries_.begin());
  entries_.push_back({std::string(key.adapter_uid), std::string(key.user), std::string(key.capabilities),
                      std::string(key.client), std::move(session), now});
  const auto entry = std::prev(entries_.end());
  by_key_[entry->key()] = entry;
}

void SessionTable::remove_adapter(std::string_view adapter_uid) {
  const std::lock_guard lock(mutex_);
  for (auto entry = entries_.begin(); entry != entries_.end();) {
    const auto next = std::next(entry);
    if (entry->adapter_uid == adapter_uid) end(entry);
    entry = next;
  }
}

void SessionTable::end_all() {
  const std::lock_guard lock(mutex_);
  while (!entries_.empty()) end(entries_.begin());
}

std::vector<SessionPtr> SessionTable::take_ended(SteadyTime now, std::size_t max) {
  const std::lock_guard lock(mutex_);
  while (!entries_.empty() && entries_.front().used + options_.session_idle_timeout <= now) {
    const auto oldest = entries_.begin();
    if (oldest->session.use_count() == 1) {
      end(oldest);
    } else {  // A long call, or somebody who listens.
      oldest->used = now;
      entries_.splice(entries_.end(), entries_, oldest);
    }
  }
  std::vector<SessionPtr> taken;
  const auto take = [&](SessionPtr& session) {
    const bool free = session.use_count() == 1 && taken.size() < max;
    if (free) taken.push_back(std::move(session));
    return free;
  };
  std::erase_if(ended_, take);
  return taken;
}

std::size_t SessionTable::size() const {
  const std::lock_guard lock(mutex_);
  return entries_.size();
}

void SessionTable::end(Entries::iterator entry) {
  // What nobody comes to end is forgotten: servers have time-outs of their own.
  if (!entry->session->lost && ended_.size() < options_.max_sessions) ended_.push_back(std::move(entry->session));
  by_key_.erase(entry->key());
  entries_.erase(entry);
}

}  // namespace gw::peer
