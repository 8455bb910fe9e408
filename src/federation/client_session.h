// What a legacy client said at its start. It is sealed into the session's id, so that any gateway with the keys goes on
// with the session.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "session/sealed_id.h"

namespace gw::federation {

struct ClientSession {
  std::string id;                   // Random; the name of the session in tables.
  std::string version;              // The negotiated revision.
  std::string capabilities = "{}";  // Raw JSON, in modern form.
  std::string info;                 // Implementation, raw JSON; empty when it said none.

  bool operator==(const ClientSession&) const = default;
};
using ClientSessionPtr = std::shared_ptr<const ClientSession>;

// The client's own words for its session: capabilities in modern form and, where everything together would be too long
// for an id, only what the gateway knows of them, and name and version of the implementation. `version` is negotiated:
// of elicitation by URL older clients know nothing (2025-11-25).
ClientSession begin_session(std::string_view version, std::string_view capabilities, std::string_view info);

Result<std::string> seal(session::Sealer& sealer, const ClientSession& session, const session::Owner& owner,
                         std::int64_t expires);
struct OpenedSession {
  ClientSession session;
  std::int64_t expires = 0;  // Unix time in seconds.
};
// Errors as Sealer::open.
Result<OpenedSession> open(session::Sealer& sealer, std::string_view sealed_id, const session::Owner& owner,
                           std::int64_t now);

}  // namespace gw::federation
