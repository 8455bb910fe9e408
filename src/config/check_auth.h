// What can be wrong with `auth`, `egress` and `publicOrigin` apart from their shape.
#pragma once

#include <vector>

#include "config/options.h"
#include "schema/report.h"

namespace gw::config {

void check_auth(const Options& options, std::vector<schema::Problem>& problems);

// "https://gw.example.org": scheme and authority in lower case, nothing behind them.
bool is_public_origin(std::string_view text);

}  // namespace gw::config
