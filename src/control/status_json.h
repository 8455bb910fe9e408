// What is reported about one adapter.
#pragma once

#include <string_view>
#include <vector>

#include <boost/json/fwd.hpp>

#include "control/reconciler.h"

namespace gw::control {

// How many instances there should be.
std::uint32_t wanted_instances(const model::AdapterSpec& spec);

// "ready", "degraded" (fewer than wanted), "unavailable" (none), "disabled".
std::string_view short_state(const model::Adapter& adapter, const Observed& observed);

// The answer of /adapters/{name}/status: the members of the established API, then instances and conditions.
// `instances` is what the adapter's runtime reports; for a URL it is empty.
boost::json::object status_json(const model::Adapter& adapter, const Observed& observed,
                                const std::vector<process::InstanceStatus>& instances);

}  // namespace gw::control
