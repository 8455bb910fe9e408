#include "policy/time_window.h"

#include <array>

#include <fmt/core.h>

#include "base/check.h"
#include "base/strings.h"

namespace gw::policy {
namespace {

constexpr std::array<std::string_view, 7> day_names{"Monday", "Tuesday",  "Wednesday", "Thursday",
                                                    "Friday", "Saturday", "Sunday"};

struct Moment {
  std::size_t day;  // 0 is Monday.
  int minute;
};

Moment moment_of(WallTime time) {
  const auto midnight = std::chrono::floor<std::chrono::days>(time);
  const auto minute = std::chrono::floor<std::chrono::minutes>(time - midnight);
  return {std::chrono::weekday(midnight).iso_encoding() - 1, static_cast<int>(minute.count())};
}

}  // namespace

std::optional<int> parse_day(std::string_view text) {
  for (std::size_t i = 0; i < day_names.size(); ++i) {
    if (iequals(text, day_names[i].substr(0, 3))) return static_cast<int>(i);
  }
  return {};
}

std::optional<int> parse_time_of_day(std::string_view text) {
  if (text.size() != 5 || text[2] != ':') return {};
  const auto hours = parse_unsigned(text.substr(0, 2));
  const auto minutes = parse_unsigned(text.substr(3));
  if (!hours || !minutes || *minutes > 59) return {};
  const auto all = static_cast<int>(*hours * 60 + *minutes);
  return all <= 24 * 60 ? std::optional(all) : std::nullopt;
}

std::string format_weekly(WallTime time) {
  const auto [day, minute] = moment_of(time);
  return fmt::format("{} {:02}:{:02} UTC", day_names[day], minute / 60, minute % 60);
}

Window::Window(const TimeWindow& window) {
  for (const std::string& name : window.days) {
    const auto day = parse_day(name);
    GW_CHECK(day.has_value());
    days_.set(static_cast<std::size_t>(*day));
  }
  if (window.days.empty()) days_.set();
  from_ = parse_time_of_day(window.from).value();
  to_ = parse_time_of_day(window.to).value();
}

bool Window::contains(WallTime time) const {
  const auto [day, minute] = moment_of(time);
  if (from_ < to_) return days_[day] && from_ <= minute && minute < to_;
  const std::size_t yesterday = (day + 6) % 7;
  return (days_[day] && from_ <= minute) || (days_[yesterday] && minute < to_);
}

}  // namespace gw::policy
