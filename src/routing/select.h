// The choice of an endpoint for requests that belong to no session.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "routing/route.h"

namespace gw::routing {

// Belongs to one worker; remembers how many sessions this worker has sent to each endpoint.
class Selector {
 public:
  // Ready endpoints of `route` for a new session, the best first: the one to which the fewest were sent. The session
  // counts at once: while many are opened, they would all go to the endpoint that opens them slowest. Empty when none
  // is ready.
  std::vector<const Endpoint*> for_new_session(const AdapterRoute& route);
  // Ready endpoints for a request without a session: the first is the same for the same `key` as long as the set of
  // endpoints stays (rendezvous hashing), on every worker and every gateway, and so are those that take over from it.
  std::vector<const Endpoint*> for_key(const AdapterRoute& route, std::string_view key);

  void forget(const std::string& endpoint_id) { sent_.erase(endpoint_id); }

 private:
  void welcome(const AdapterRoute& route);

  std::unordered_map<std::string, std::uint32_t> sent_;
  std::uint64_t turn_ = 0;
};

}  // namespace gw::routing
