// Which dialect a server speaks.
#pragma once

#include "peer/modern_exchange.h"
#include "runtime/maybe_task.h"

namespace gw::peer {

// What is known, or what a question shows: server/discover first, since only modern servers know it. Anything else than
// an answer of theirs means legacy, except what says nothing about the era: no connection, 401, 403, 429, 502 to 504.
// Who asks at the same time waits for the same answer. `ask` is the request for which it is needed.
//
// That a server is legacy is a guess until it opens a session: see session_for().
MaybeTask<std::expected<ServerInfoPtr, Trouble>> find_out(Outbound& outbound, const routing::RoutePtr& route,
                                                          const Ask& ask);

}  // namespace gw::peer
