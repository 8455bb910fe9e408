#include "store/memory_key_store.h"

#include <algorithm>

namespace gw::store {

std::unexpected<Error> no_such_key(std::string_view id) {
  return fail(Errc::not_found, "there is no API key '{}'; GET /keys lists yours", id);
}

std::unexpected<Error> key_taken(std::string_view id) {
  return fail(Errc::conflict, "an API key '{}' exists already", id);
}

Result<std::vector<auth::ApiKey>> MemoryKeyStore::list_keys() {
  const std::lock_guard lock(mutex_);
  std::vector<auth::ApiKey> all;
  for (const auto& [id, key] : keys_) all.push_back(key);
  return all;
}

Result<> MemoryKeyStore::create_key(const auth::ApiKey& key) {
  const std::lock_guard lock(mutex_);
  const bool taken = std::ranges::any_of(
      keys_, [&](const auto& entry) { return entry.first == key.id || entry.second.hash == key.hash; });
  if (taken) return key_taken(key.id);
  keys_.emplace(key.id, key);
  return {};
}

Result<> MemoryKeyStore::remove_key(std::string_view id) {
  const std::lock_guard lock(mutex_);
  const auto found = keys_.find(id);
  if (found == keys_.end()) return no_such_key(id);
  keys_.erase(found);
  return {};
}

}  // namespace gw::store
