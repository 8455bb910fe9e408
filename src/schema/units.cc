#include "schema/units.h"

#include <array>

#include <fmt/core.h>

#include "base/strings.h"

namespace gw::schema {
namespace {

struct Unit {
  std::string_view name;
  std::uint64_t factor;
};

constexpr std::array<Unit, 5> time_units{{{"d", 86'400'000}, {"h", 3'600'000}, {"m", 60'000}, {"s", 1000}, {"ms", 1}}};
constexpr std::array<Unit, 4> size_units{{{"GiB", 1ull << 30}, {"MiB", 1ull << 20}, {"KiB", 1ull << 10}, {"B", 1}}};
constexpr std::uint64_t longest_ms = 10'000ull * 86'400'000;

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

// Splits "90s" of "90s5ms" into 90 and "s".
bool take_part(std::string_view& text, std::uint64_t& number, std::string_view& unit) {
  std::size_t digits = 0;
  while (digits < text.size() && is_digit(text[digits])) ++digits;
  std::size_t end = digits;
  while (end < text.size() && !is_digit(text[end])) ++end;
  const auto parsed = parse_unsigned(text.substr(0, digits));
  if (!parsed) return false;
  number = *parsed;
  unit = text.substr(digits, end - digits);
  text.remove_prefix(end);
  return true;
}

}  // namespace

std::optional<Duration> parse_duration(std::string_view text) {
  if (text == "0") return Duration(0);
  if (text.empty()) return {};
  std::uint64_t total = 0;
  std::size_t next_unit = 0;
  while (!text.empty()) {
    std::uint64_t number = 0;
    std::string_view name;
    if (!take_part(text, number, name)) return {};
    while (next_unit < time_units.size() && time_units[next_unit].name != name) ++next_unit;
    if (next_unit == time_units.size()) return {};
    const std::uint64_t factor = time_units[next_unit++].factor;
    if (number > longest_ms / factor) return {};
    total += number * factor;
  }
  if (total > longest_ms) return {};
  return std::chrono::milliseconds(total);
}

std::string format_duration(Duration duration) {
  auto left = static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::milliseconds>(duration).count());
  std::string text;
  for (const Unit& unit : time_units) {
    if (unit.name == "d" && left % unit.factor != 0) continue;  // "24h" and "36h" read better than "1d12h".
    if (const auto count = left / unit.factor; count > 0) text += fmt::format("{}{}", count, unit.name);
    left %= unit.factor;
  }
  if (text == "1d") return "24h";
  return text.empty() ? "0s" : text;
}

std::optional<std::uint64_t> parse_size(std::string_view text) {
  std::uint64_t number = 0;
  std::string_view name;
  if (!take_part(text, number, name) || !text.empty()) return {};
  if (name.starts_with(' ')) name.remove_prefix(1);
  if (name.empty()) return number;
  for (const Unit& unit : size_units) {
    if (unit.name != name) continue;
    if (number > UINT64_MAX / unit.factor) return {};
    return number * unit.factor;
  }
  return {};
}

std::string format_size(std::uint64_t bytes) {
  for (const Unit& unit : size_units) {
    if (unit.factor > 1 && bytes >= unit.factor && bytes % unit.factor == 0) {
      return fmt::format("{}{}", bytes / unit.factor, unit.name);
    }
  }
  return fmt::format("{}", bytes);
}

}  // namespace gw::schema
