#include "federation/session_cache.h"

namespace gw::federation {

Result<SessionCache::Known*> SessionCache::open(std::string_view sealed_id, const session::Owner& owner,
                                                std::int64_t now) {
  // The adapter has no line break in its name, and an id none at all.
  key_.assign(owner.adapter_uid).append("\n").append(sealed_id).append("\n").append(owner.principal);
  if (const auto known = opened_.find(key_); known != opened_.end() && now < known->second.expires) {
    return &known->second;
  }
  GW_TRY(auto opened, federation::open(sealer_, sealed_id, owner, now));
  if (opened_.size() >= most) opened_.clear();
  auto session = std::make_shared<const ClientSession>(std::move(opened.session));
  const auto entry = opened_.insert_or_assign(key_, Known{std::move(session), opened.expires, {}}).first;
  return &entry->second;
}

}  // namespace gw::federation
