// The times of a rule.
#pragma once

#include <bitset>
#include <optional>
#include <string>
#include <string_view>

#include "policy/rules.h"
#include "runtime/time.h"

namespace gw::policy {

// "mon" as 0 to "sun" as 6.
std::optional<int> parse_day(std::string_view text);
// "09:30" as minutes since midnight, up to "24:00".
std::optional<int> parse_time_of_day(std::string_view text);

// "Saturday 10:00 UTC".
std::string format_weekly(WallTime time);

class Window {
 public:
  // check() accepted it.
  explicit Window(const TimeWindow& window);

  bool contains(WallTime time) const;

 private:
  std::bitset<7> days_;
  int from_ = 0;
  int to_ = 0;
};

}  // namespace gw::policy
