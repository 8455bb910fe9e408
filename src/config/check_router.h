// What can be wrong with `router` apart from its shape.
#pragma once

#include <vector>

#include "config/options.h"
#include "schema/report.h"

namespace gw::config {

// Routers and their gateways may read the same file, and the command line may change the mode: what the present mode
// does not use is no problem, as long as it could be used.
void check_router(const RouterOptions& router, std::vector<schema::Problem>& problems);

}  // namespace gw::config
