// How values and expectations are said in problems.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "jsonschema/document.h"

namespace gw::jsonschema {

// "\"abc\"", "12.5", "a list of 3 items", "an object"; long ones cut. Safe to show.
std::string shown(const Value& value);
// What a name or expression of the schema looks like in a sentence: quoted and safe to show.
std::string in_quotes(std::string_view text);
// "1, 2 or 3"; at most `max` of them, then how many more there are.
std::string alternatives(const std::vector<std::string>& texts, std::size_t max = 20);
// "1 item", "2 items".
std::string counted(std::uint64_t count, std::string_view word);

}  // namespace gw::jsonschema
