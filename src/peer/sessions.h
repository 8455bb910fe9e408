// Sessions on legacy servers: found, or opened.
#pragma once

#include <expected>
#include <memory>
#include <string>

#include "peer/legacy_exchange.h"
#include "runtime/maybe_task.h"

namespace gw::peer {

// What a session's key borrows from.
struct SessionOwner {
  routing::RoutePtr route;
  ClientPtr client;
  std::shared_ptr<const std::string> capabilities;

  SessionOwner(Outbound& outbound, routing::RoutePtr its_route, ClientPtr its_client);
  SessionKey key() const;
};

// The session of `owner`. Opens one when there is none or it is lost; who wants the same meanwhile waits for it. A lost
// one's log level is set in the new one. `server` is what find_out() said, `ask` the request for which it is needed. A
// server that refuses the handshake itself is not what it was taken for: Trouble::other_dialect.
MaybeTask<std::expected<SessionPtr, Trouble>> session_for(Outbound& outbound, const SessionOwner& owner,
                                                          const ServerInfoPtr& server, const Ask& ask);

// Makes the server send log messages from `level` (an index) on, if it sends any. Other levels that were wanted in the
// session before stay: only more is asked for, never less.
Task<> want_log_level(Outbound& outbound, const routing::AdapterRoute& route, const SessionPtr& session, int level,
                      const Ask& ask);

}  // namespace gw::peer
