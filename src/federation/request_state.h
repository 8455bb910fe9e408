// The `requestState` of a server on its way to a client and back (2026-07-28, multi round-trip requests): the server's
// own bytes with a seal before them that says whose they are, so that no server gets what another one said, and nobody
// uses what somebody else was given.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "session/sealed_id.h"

namespace gw::federation {

struct StateOwner {
  std::string_view source;  // The server.
  std::string_view user;
  std::string_view method;
  std::string_view item;  // As the server knows it.
};

Result<std::string> wrap_state(session::Sealer& sealer, std::string_view state, const StateOwner& owner,
                               std::int64_t expires);
// The server's own state. Errc::invalid for anything that was not wrapped for the same owner, or expired.
Result<std::string> unwrap_state(session::Sealer& sealer, std::string_view wrapped, const StateOwner& owner,
                                 std::int64_t now);

}  // namespace gw::federation
