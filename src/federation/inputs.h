// A modern server's InputRequiredResult, answered by a client that is asked with requests.
#pragma once

#include <expected>
#include <string>
#include <string_view>

#include "peer/ask.h"

namespace gw::federation {

// Puts each of the result's inputRequests to `events`, one after the other, and gives the parameters with which the
// request is to be made again. `round` counts from 0; a server that never has enough is refused. Fails when the client
// refuses what has no way to say so.
Task<std::expected<std::string, peer::Outcome::Failure>> answer_inputs(std::string_view params, std::string_view result,
                                                                       unsigned round, peer::Events& events);

}  // namespace gw::federation
