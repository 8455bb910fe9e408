// What happened at /mcp.
#pragma once

#include "base/counter.h"

namespace gw::federation {

// Written by one loop.
struct Counters {
  Counter requests;         // JSON-RPC requests of clients.
  Counter calls;            // Of them: passed on to a server.
  Counter failed_calls;     // Of them: the server could not be reached or answered nonsense.
  Counter cancelled_calls;  // Of them: by the client.
  Counter sessions;         // Of legacy clients, begun.
  Counter views;            // Lists that were joined anew.
  Counter announcements;    // Notifications to clients that a list changed.
  Counter questions;        // Requests of servers that were put to clients.
  Counter streams;          // Streams of notifications, opened.
};

}  // namespace gw::federation
