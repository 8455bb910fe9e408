// Classes of ASCII characters, whatever the locale.
#pragma once

namespace gw::model {

inline bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
inline bool is_lower_or_digit(char c) {
  return (c >= 'a' && c <= 'z') || is_digit(c);
}
inline bool is_letter_or_digit(char c) {
  return is_lower_or_digit(c) || (c >= 'A' && c <= 'Z');
}

}  // namespace gw::model
