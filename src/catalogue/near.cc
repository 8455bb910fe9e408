#include "catalogue/near.h"

#include <algorithm>
#include <vector>

#include "base/strings.h"

namespace gw::catalogue {

std::optional<std::size_t> edit_distance(std::string_view a, std::string_view b, std::size_t most) {
  if (std::max(a.size(), b.size()) - std::min(a.size(), b.size()) > most) return {};
  const std::size_t far = most + 1;
  const auto same = [&](std::size_t i, std::size_t j) { return ascii_lower(a[i - 1]) == ascii_lower(b[j - 1]); };
  std::vector<std::size_t> before(b.size() + 1, far), above = before, row = before;  // Rows i - 2, i - 1, i.
  for (std::size_t j = 0; j <= std::min(b.size(), most); ++j) row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    before.swap(above);
    above.swap(row);
    // Only what is near the diagonal can be near.
    const std::size_t first = i > most ? i - most : 1;
    const std::size_t last = std::min(b.size(), i + most);
    row[first - 1] = first == 1 ? std::min(i, far) : far;
    std::size_t least = row[first - 1];
    for (std::size_t j = first; j <= last; ++j) {
      row[j] = std::min({above[j - 1] + !same(i, j), above[j] + 1, row[j - 1] + 1, far});
      const bool swapped = i > 1 && j > 1 && same(i, j - 1) && same(i - 1, j);
      if (swapped) row[j] = std::min(row[j], before[j - 2] + 1);
      least = std::min(least, row[j]);
    }
    if (least >= far) return {};
  }
  if (row[b.size()] > most) return {};
  return row[b.size()];
}

std::optional<std::size_t> slip(std::string_view wrong, std::string_view name) {
  constexpr std::size_t shortest_part = 4;
  constexpr std::size_t longest = 256;
  if (wrong.empty() || wrong.size() > longest) return {};
  const auto [part, whole] = wrong.size() < name.size() ? std::pair(wrong, name) : std::pair(name, wrong);
  if (part.size() >= shortest_part) {
    const std::string_view end = whole.substr(whole.size() - part.size());
    if (iequals(end, part) || iequals(whole.substr(0, part.size()), part)) return 1;
  }
  return edit_distance(wrong, name, std::max<std::size_t>(1, wrong.size() / 3));
}

}  // namespace gw::catalogue
