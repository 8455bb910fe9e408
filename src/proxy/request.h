// What the proxy knows about a request.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "proxy/proxy.h"

namespace gw::proxy {

// Counts what became of an exchange, however it ends.
struct Proxy::Count {
  http::Exchange& exchange;
  Counters& counters;
  ~Count() {
    if (!exchange.finished()) counters.cancelled.add();
    if (exchange.started()) counters.responses[static_cast<std::size_t>(exchange.status() / 100)].add();
  }
};

struct Proxy::Request {
  Front front = Front::mcp;
  std::string_view adapter;  // Into the request's path; the route has it after the request was released.
  routing::RoutePtr route;
  Routers* routers = nullptr;  // Given: one of them answers it, and no adapter.
  SteadyTime begun{};

  access::Use use;                        // Its `who` is the exchange's caller.
  limits::Permit permit;                  // Held until the answer is complete, like the next.
  std::vector<limits::Permit> of_others;  // Of the other messages of a batch.
  bool inspected = false;                 // Its messages are read and judged.
  bool filtered = false;                  // So are lists in the answer.
  std::optional<std::string> body;        // Of an inspected POST.

  // In the order in which to try them; with a session exactly one.
  std::vector<const routing::Endpoint*> endpoints;
  bool in_session = false;
  bool modern = false;
  bool body_failed = false;      // The client sent a malformed body, or left in the middle of it.
  bool sent = false;             // A connection was made: the request may have reached the upstream.
  bool repeatable = false;       // Sending it twice is harmless, and its body can be sent twice.
  bool long_lived = false;       // Its answer may stream without end: the server does not wait for it when draining.
  std::string upstream_session;  // The id that the upstream knows; for HTTP+SSE the target of its messages.
  std::string sealed_session;    // As the client sent it.
};

}  // namespace gw::proxy
