#include "jsonschema/decimal.h"

#include <algorithm>
#include <charconv>

namespace gw::jsonschema {
namespace {

// Past any exponent that digits could make up for: such numbers are ordered by their exponents alone.
constexpr std::int64_t max_exponent = std::int64_t{1} << 40;

std::int64_t parse_exponent(std::string_view text) {
  const bool negative = text.starts_with('-');
  if (negative || text.starts_with('+')) text.remove_prefix(1);
  std::int64_t value = 0;
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), value);
  if (parsed.ec != std::errc()) value = max_exponent;
  value = std::min(value, max_exponent);
  return negative ? -value : value;
}

__extension__ using Wide = unsigned __int128;

// a × b mod m.
std::uint64_t multiply(std::uint64_t a, std::uint64_t b, std::uint64_t m) {
  return static_cast<std::uint64_t>(static_cast<Wide>(a) * b % m);
}

// 10^exponent mod m.
std::uint64_t power_of_ten(std::int64_t exponent, std::uint64_t m) {
  std::uint64_t result = 1 % m;
  std::uint64_t factor = 10 % m;
  for (; exponent > 0; exponent >>= 1) {
    if (exponent & 1) result = multiply(result, factor, m);
    factor = multiply(factor, factor, m);
  }
  return result;
}

}  // namespace

Decimal::Decimal(std::string_view literal) {
  negative_ = literal.starts_with('-');
  if (negative_) literal.remove_prefix(1);
  if (const auto mark = literal.find_first_of("eE"); mark != std::string_view::npos) {
    exponent_ = parse_exponent(literal.substr(mark + 1));
    literal = literal.substr(0, mark);
  }
  const auto point = literal.find('.');
  digits_ = literal.substr(0, point);
  if (point != std::string_view::npos) {
    digits_ += literal.substr(point + 1);
    exponent_ -= static_cast<std::int64_t>(literal.size() - point - 1);
  }
  digits_.erase(0, std::min(digits_.find_first_not_of('0'), digits_.size()));
  const auto last = digits_.find_last_not_of('0');
  if (last == std::string::npos) {
    *this = Decimal();
    return;
  }
  exponent_ += static_cast<std::int64_t>(digits_.size() - last - 1);
  digits_.resize(last + 1);
}

std::uint64_t Decimal::to_count() const {
  std::uint64_t value = 0;
  std::from_chars(digits_.data(), digits_.data() + digits_.size(), value);
  for (std::int64_t i = 0; i < exponent_; ++i) value *= 10;
  return value;
}

bool Decimal::is_multiple_of(const Decimal& divisor) const {
  if (digits_.empty()) return true;
  // Digits do not end with 0, so no power of ten in the divisor is matched by them.
  if (exponent_ < divisor.exponent_) return false;
  std::uint64_t m = 0;
  std::from_chars(divisor.digits_.data(), divisor.digits_.data() + divisor.digits_.size(), m);
  std::uint64_t rest = 0;
  for (const char digit : digits_) rest = (rest * 10 + static_cast<std::uint64_t>(digit - '0')) % m;
  return multiply(rest, power_of_ten(exponent_ - divisor.exponent_, m), m) == 0;
}

int compare(const Decimal& a, const Decimal& b) {
  const auto sign = [](const Decimal& number) { return number.digits_.empty() ? 0 : number.negative_ ? -1 : 1; };
  if (sign(a) != sign(b)) return sign(a) < sign(b) ? -1 : 1;
  // Of the first digits.
  const auto magnitude = [](const Decimal& n) { return n.exponent_ + static_cast<std::int64_t>(n.digits_.size()); };
  int order = 0;
  if (magnitude(a) != magnitude(b)) {
    order = magnitude(a) < magnitude(b) ? -1 : 1;
  } else {
    order = a.digits_.compare(b.digits_);
  }
  return a.negative_ ? -order : order;
}

}  // namespace gw::jsonschema
