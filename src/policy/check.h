// What is wrong with rules before they decide anything.
#pragma once

#include <string>
#include <vector>

#include "policy/rules.h"
#include "schema/report.h"

namespace gw::policy {

// Everything that is wrong, with fields such as "rules[2].when.arguments[0].pointer".
std::vector<schema::Problem> check(const Rules& rules);

// Names and patterns of adapters in rules that fit none of `adapters`: "policy rule 'x' names adapter 'gti', which does
// not exist; did you mean 'git'?". Warnings: the adapter may come later.
std::vector<schema::Problem> unused(const Rules& rules, const std::vector<std::string>& adapters);

}  // namespace gw::policy
