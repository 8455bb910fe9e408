// To which requests a rule applies, and what it counts them under.
#pragma once

#include <string>
#include <string_view>

#include "limits/limiter.h"

namespace gw::limits {

// A rule that counts tools separately, or names some, applies to tool calls only; one that does so with adapters does
// not apply to the REST API.
bool applies(const Rule& rule, const Subject& subject);

// Whether it depends on the tool whether the rule applies to a request to this adapter, or under what it is counted.
bool depends_on_tool(const Rule& rule, std::string_view adapter);

// The name of the counted thing; `id` tells rules apart. Of each part only the first `longest_part` bytes count, so
// that names which clients choose take little memory: what begins alike is then counted together.
inline constexpr std::size_t longest_part = 256;
std::string key_of(std::uint64_t id, const Rule& rule, const Subject& subject);

}  // namespace gw::limits
