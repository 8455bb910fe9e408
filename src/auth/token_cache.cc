#include "auth/token_cache.h"

namespace gw::auth {

const TokenCache::Entry* TokenCache::find(std::string_view token, std::int64_t now) {
  const auto found = by_token_.find(token);
  if (found == by_token_.end()) return nullptr;
  const auto entry = found->second;
  if (entry->principal->expires <= now) {
    erase(entry);
    return nullptr;
  }
  entries_.splice(entries_.begin(), entries_, entry);
  return &*entry;
}

void TokenCache::insert(Entry entry) {
  if (const auto old = by_token_.find(entry.token.reveal()); old != by_token_.end()) erase(old->second);
  if (entries_.size() >= capacity_) erase(std::prev(entries_.end()));
  entries_.push_front(std::move(entry));
  by_token_.emplace(entries_.front().token.reveal(), entries_.begin());
}

void TokenCache::keep_only(const Survivors& keys) {
  for (auto entry = entries_.begin(); entry != entries_.end();) {
    const auto survivor = keys.find(entry->key);
    if (survivor == keys.end()) {
      entry = erase(entry);
    } else {
      entry->key = survivor->second;
      ++entry;
    }
  }
}

void TokenCache::drop_expired(std::int64_t now) {
  for (auto entry = entries_.begin(); entry != entries_.end();) {
    entry = entry->principal->expires <= now ? erase(entry) : std::next(entry);
  }
}

TokenCache::Entries::iterator TokenCache::erase(Entries::iterator entry) {
  by_token_.erase(entry->token.reveal());
  return entries_.erase(entry);
}

}  // namespace gw::auth
