// Whether two routes of a tool lead to the same server.
#pragma once

#include "routing/route.h"

namespace gw::tools {

// Whether what was found out about the server of `before` counts for that of `now`. A process that was started again is
// still the same server; another definition, or another URL, is another.
bool same_server(const routing::AdapterRoute& before, const routing::AdapterRoute& now);

}  // namespace gw::tools
