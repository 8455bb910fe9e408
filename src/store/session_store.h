// Where is kept what clients of /mcp said in sessions of the legacy era and their session ids do not hold.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "runtime/time.h"

namespace gw::store {

struct StoredSession {
  std::string id;
  std::string text;  // What it means is the business of whoever keeps it there.
  WallTime changed_at{};
  WallTime expires_at{};

  bool operator==(const StoredSession&) const = default;
};

// Thread-safe and synchronous, like ResourceStore. store/session_contract_test.h holds every implementation to this.
class SessionStore {
 public:
  virtual ~SessionStore() = default;

  // Those that have not expired at `now`, the one that changed longest ago first.
  virtual Result<std::vector<StoredSession>> list_sessions(WallTime now) = 0;
  // Creates or replaces `changed` and removes those of the ids `gone` that are there: everything or nothing.
  virtual Result<> write_sessions(const std::vector<StoredSession>& changed, const std::vector<std::string>& gone) = 0;
  // Removes what has expired at `now` and, of more than `most`, those that changed longest ago. Returns how many.
  virtual Result<std::size_t> prune_sessions(WallTime now, std::size_t most) = 0;
};

}  // namespace gw::store
