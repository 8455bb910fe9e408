// A JSON number, exactly: no digit is lost, however many there are.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace gw::jsonschema {

class Decimal {
 public:
  Decimal() = default;  // 0
  // `literal` is a JSON number.
  explicit Decimal(std::string_view literal);

  bool is_integer() const { return exponent_ >= 0; }
  // Of an integer from 0 to 10^18.
  std::uint64_t to_count() const;
  bool is_positive() const { return !negative_ && !digits_.empty(); }
  bool is_negative() const { return negative_; }
  // The most significant digits that a divisor may have.
  static constexpr std::size_t max_divisor_digits = 18;
  bool may_divide() const { return is_positive() && digits_.size() <= max_divisor_digits; }
  // Whether this is a multiple of `divisor`, which may_divide().
  bool is_multiple_of(const Decimal& divisor) const;

  friend int compare(const Decimal& a, const Decimal& b);

 private:
  // The value is ± digits_ × 10^exponent_; digits_ neither begin nor end with 0 and are empty for zero.
  bool negative_ = false;
  std::string digits_;
  std::int64_t exponent_ = 0;
};

int compare(const Decimal& a, const Decimal& b);

}  // namespace gw::jsonschema
