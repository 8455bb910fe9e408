// ASCII helpers that the standard library lacks. None depends on the locale.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gw {

inline char ascii_lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c;
}

bool iequals(std::string_view a, std::string_view b);
std::string_view trim(std::string_view text);  // Spaces and tabs at both ends.
std::string to_lower(std::string_view text);

// The parts of `text` between separators, each trimmed; empty parts are dropped: "a, ,b" gives {"a", "b"}.
std::vector<std::string_view> split_list(std::string_view text, char separator);

// The whole of `text` as a decimal number without sign, or nothing (also on overflow).
std::optional<std::uint64_t> parse_unsigned(std::string_view text);

// The candidate nearest to `word` by edit distance, when it is near enough to be a slip of the finger. Nothing is near
// to words of more than 256 bytes.
std::optional<std::string> nearest(std::string_view word, const std::vector<std::string>& candidates);

// Whether `text` is well-formed UTF-8 (RFC 3629: no surrogates, no overlong forms).
bool is_utf8(std::string_view text);

// The code point of `character`, one of well-formed UTF-8, when a terminal obeys it instead of showing it, or when it
// changes how a line looks: the C0 and C1 controls, DEL, line and paragraph separators, and what turns the direction of
// text.
std::optional<char32_t> obeyed_character(std::string_view character);

// `text` safe to show in a terminal or a log: invalid UTF-8 and characters that a terminal obeys as \xNN for each byte,
// cut after `max` bytes with "…".
std::string printable(std::string_view text, std::size_t max = 200);

// The JSON string literal for `text`, with its quotes. Invalid UTF-8 becomes U+FFFD.
std::string json_quote(std::string_view text);

}  // namespace gw
