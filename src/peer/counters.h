// What happened between one loop's peers and their servers.
#pragma once

#include "base/counter.h"

namespace gw::peer {

// Written by one loop.
struct Counters {
  Counter calls;             // Requests for servers.
  Counter failures;          // Of them: no answer came.
  Counter cancelled;         // Of them: nobody waited any more.
  Counter repeated;          // Messages sent again: the session was lost, the connection closed, the era changed.
  Counter resumed;           // Event streams that were taken up again.
  Counter sessions_opened;   // On servers.
  Counter sessions_lost;     // That a server no longer knew.
  Counter sessions_ended;    // By us: idle, or too many.
  Counter server_requests;   // Of servers, in the middle of a call.
  Counter probes;            // For the era of a server.
  Counter listings;          // Complete lists of a kind.
  Counter listing_failures;  // Lists that could not be had.
};

}  // namespace gw::peer
