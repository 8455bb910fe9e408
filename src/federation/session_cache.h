// The sessions whose ids one worker has opened lately: opening an id costs a decryption.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>

#include "federation/client_session.h"
#include "peer/ask.h"

namespace gw::federation {

// Belongs to one worker. Remembers what opened, for its owner only, until it expires.
class SessionCache {
 public:
  explicit SessionCache(session::Sealer& sealer) : sealer_(sealer) {}

  struct Known {
    ClientSessionPtr session;
    std::int64_t expires = 0;
    peer::ClientPtr client;  // Of the session's last request; for the caller to set.
  };
  // As federation::open. Valid until the next call.
  Result<Known*> open(std::string_view sealed_id, const session::Owner& owner, std::int64_t now);

 private:
  static constexpr std::size_t most = 8'192;

  session::Sealer& sealer_;
  std::string key_;  // Owner and id, kept for its memory.
  std::unordered_map<std::string, Known> opened_;
};

}  // namespace gw::federation
