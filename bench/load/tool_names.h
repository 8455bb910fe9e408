// What a target offers, as far as the load generator must know it.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "bench/load/client.h"

namespace gw::bench {

// The names on all pages of tools/list of the first adapter, once there are at least `count`: a gateway may still be
// asking its servers. Throws std::runtime_error when there are fewer after a minute, or when what comes is no list.
std::vector<std::string> tool_names(Poller& poller, const Options& options, const RequestWriter& writer,
                                    std::string_view session_id, std::size_t count);

}  // namespace gw::bench
