// What can be wrong with rules apart from their shape.
#pragma once

#include <vector>

#include "limits/rules.h"
#include "schema/report.h"

namespace gw::limits {

inline constexpr std::size_t max_rules = 100;

// With fields such as "limits[1].rate". What it accepts cannot overflow the arithmetic of limits/gcra.h.
std::vector<schema::Problem> check_rules(const Rules& rules);

}  // namespace gw::limits
