// The entity tags of adapters (RFC 9110, 8.8.3): strong, and never the same for two states or two namesakes.
#pragma once

#include <string>
#include <string_view>

#include "model/adapter.h"

namespace gw::model {

// In double quotes, as in the ETag field.
std::string etag_of(const Adapter& adapter);

// Whether the value of an If-Match field ("*" or a list of tags, RFC 9110, 13.1.1) names the adapter's present state.
bool matches(std::string_view if_match, const Adapter& adapter);

}  // namespace gw::model
