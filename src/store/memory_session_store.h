// A store of sessions that forgets everything when the program ends.
#pragma once

#include <functional>
#include <map>
#include <mutex>
#include <string>

#include "store/session_store.h"

namespace gw::store {

class MemorySessionStore final : public SessionStore {
 public:
  Result<std::vector<StoredSession>> list_sessions(WallTime now) override;
  Result<> write_sessions(const std::vector<StoredSession>& changed, const std::vector<std::string>& gone) override;
  Result<std::size_t> prune_sessions(WallTime now, std::size_t most) override;

 private:
  std::vector<StoredSession> by_change(WallTime now) const;

  std::mutex mutex_;
  std::map<std::string, StoredSession, std::less<>> sessions_;
};

}  // namespace gw::store
