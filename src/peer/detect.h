// Which dialect a server speaks.
#pragma once

#include "peer/modern_exchange.h"

namespace gw::peer {

// What is known, or what a question shows: server/discover first, since only modern servers know it. Anything else than
// an answer of theirs means legacy, except what says nothing about the era: no connection, 401, 403, 429, 502 to 504.
// Who asks at the same time waits for the same answer. `ask` is the request for which it is needed.
//
// That a server is legacy is a guess until it opens a session: see reconsider().
Task<std::expected<ServerInfoPtr, Trouble>> find_out(Outbound& outbound, const routing::RoutePtr& route,
                                                     const Ask& ask);

// A server that was taken for what `info` says refused a handshake with `trouble`. Forgets what was known, and whether
// it is worth asking again: it may have become modern, or speak HTTP+SSE.
bool reconsider(Outbound& outbound, const routing::AdapterRoute& route, const ServerInfo& info, const Trouble& trouble);

// Statuses of a server that does not speak the dialect that it was spoken to in.
bool is_foreign(int status);

}  // namespace gw::peer
