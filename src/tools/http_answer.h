// One request to the server of a tool, and its whole answer.
#pragma once

#include <expected>

#include "peer/ask.h"
#include "routing/route.h"
#include "tools/call_request.h"
#include "tools/call_result.h"
#include "upstream/pool.h"

namespace gw::tools {

struct NoAnswer {
  Error error;
  bool sent = true;           // False: the server cannot have seen the request.
  bool worth_another = true;  // Nothing came at all, so the next attempt may do better.
};

// `request` and everything referred to must outlive the task. `max` bounds the body. `heard` becomes true as soon as an
// answer begins, whatever becomes of it.
Task<std::expected<HttpAnswer, NoAnswer>> exchange(upstream::Pool& pool, const routing::AdapterRoute& route,
                                                   const routing::Endpoint& endpoint, const peer::Ask& ask,
                                                   const CallRequest& request, std::size_t max, bool& heard);

}  // namespace gw::tools
