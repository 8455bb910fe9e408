#include "base/glob.h"

#include <optional>

namespace gw {
namespace {

// The length of the character that starts `text`, which is not empty. Bytes that are no UTF-8 are taken as they come.
std::size_t character(std::string_view text) {
  std::size_t length = 1;
  while (length < text.size() && (static_cast<unsigned char>(text[length]) & 0xC0) == 0x80) ++length;
  return length;
}

}  // namespace

bool glob_match(std::string_view pattern, std::string_view text) {
  // Only the last star may have to take more: what stands before it fits already, as far to the left as it can.
  std::optional<std::string_view> after_star;
  std::string_view from_star;  // The text from the end of what the star takes.
  while (true) {
    if (pattern.starts_with('*')) {
      pattern.remove_prefix(1);
      after_star = pattern;
      from_star = text;
      if (pattern.empty()) return true;
    } else if (pattern.empty() && text.empty()) {
      return true;
    } else if (pattern.starts_with('?') && !text.empty()) {
      pattern.remove_prefix(1);
      text.remove_prefix(character(text));
    } else if (!pattern.empty() && text.starts_with(pattern[0])) {
      pattern.remove_prefix(1);
      text.remove_prefix(1);
    } else if (after_star && !text.empty()) {
      from_star.remove_prefix(character(from_star));
      pattern = *after_star;
      text = from_star;
    } else {
      return false;
    }
  }
}

bool is_literal_glob(std::string_view pattern) {
  return pattern.find_first_of("*?") == std::string_view::npos;
}

}  // namespace gw
