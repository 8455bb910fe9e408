// What can be wrong with `federation` and `virtualServers` apart from their shape.
#pragma once

#include <vector>

#include "catalogue/options.h"
#include "schema/report.h"

namespace gw::config {

void check_federation(const catalogue::FederationOptions& federation,
                      const std::vector<catalogue::VirtualServer>& virtual_servers,
                      std::vector<schema::Problem>& problems);

}  // namespace gw::config
