// What this process is besides a gateway that answers for itself: a gateway in front of routers, or a router.
#pragma once

#include <filesystem>
#include <memory>
#include <string_view>

#include <boost/json/fwd.hpp>

#include "config/defaults.h"
#include "config/options.h"
#include "front/front.h"
#include "proxy/routers.h"
#include "session/keyring.h"

namespace gw::app {

// At most one of both is given. Outlives the data plane.
struct RouterSide {
  std::unique_ptr<proxy::Routers> routers;           // Of a gateway: who answers /mcp instead of it.
  std::unique_ptr<front::ForGateways> for_gateways;  // Of a router.
};

// Resolves the secret and reads certificates. Errors name the field.
Result<RouterSide> open_router_side(const config::RouterOptions& options, const config::Environment& environment);

// The keys in the file; for a router those that all who know the secret have, so that each can go on with the sessions
// of the others.
Result<session::Keyring> session_keys(const RouterSide& side, const std::filesystem::path& file);

std::string_view to_string(config::RouterMode mode);

// The member "routers" of /status.
boost::json::array routers_json(const proxy::Routers& routers);

}  // namespace gw::app
