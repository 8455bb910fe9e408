// How far apart two names are.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

namespace gw::catalogue {

// Edit distance without regard to case, when it is at most `most`. Two neighbours that are swapped are one edit. Takes
// |a| * `most` steps.
std::optional<std::size_t> edit_distance(std::string_view a, std::string_view b, std::size_t most);

// Smaller is nearer: the edit distance, or less for a name that ends or begins with the other ("search" and
// "web_search"). Nothing for names that no slip makes of each other.
std::optional<std::size_t> slip(std::string_view wrong, std::string_view name);

}  // namespace gw::catalogue
