#include "mcp/json_text.h"

#include <algorithm>
#include <bit>
#include <cstdint>
#include <cstring>

#include <fmt/core.h>

namespace gw::mcp {
namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

bool is_blank(char c) {
  return c == ' ' || c == '\n' || c == '\r' || c == '\t';
}

int hex_value(char c) {
  if (is_digit(c)) return c - '0';
  const char lower = static_cast<char>(c | 0x20);
  return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

// Passes the characters that a string may hold as they are: eight at a time, then one by one.
const char* skip_plain(const char* at, const char* end) {
  constexpr std::uint64_t ones = 0x0101010101010101;
  constexpr std::uint64_t highs = 0x8080808080808080;
  const auto has_zero = [](std::uint64_t v) { return (v - ones) & ~v & highs; };
  for (; end - at >= 8; at += 8) {
    std::uint64_t block;
    std::memcpy(&block, at, 8);
    const auto control = (block - ones * 0x20) & ~block & highs;
    const auto special = control | has_zero(block ^ ones * '"') | has_zero(block ^ ones * '\\');
    if (special == 0) continue;
    // Borrows run upwards, so the lowest mark is a true one.
    if constexpr (std::endian::native == std::endian::little) return at + std::countr_zero(special) / 8;
    break;
  }
  while (at != end && *at != '"' && *at != '\\' && static_cast<unsigned char>(*at) >= 0x20) ++at;
  return at;
}

void append_utf8(std::string& out, std::uint32_t code) {
  if (code < 0x80) {
    out += static_cast<char>(code);
  } else if (code < 0x800) {
    out += static_cast<char>(0xC0 | code >> 6);
    out += static_cast<char>(0x80 | (code & 63));
  } else if (code < 0x10000) {
    out += static_cast<char>(0xE0 | code >> 12);
    out += static_cast<char>(0x80 | (code >> 6 & 63));
    out += static_cast<char>(0x80 | (code & 63));
  } else {
    out += static_cast<char>(0xF0 | code >> 18);
    out += static_cast<char>(0x80 | (code >> 12 & 63));
    out += static_cast<char>(0x80 | (code >> 6 & 63));
    out += static_cast<char>(0x80 | (code & 63));
  }
}

// The four digits that follow "\u" at `at`; the scanner has checked that they are there.
std::uint32_t hex4(std::string_view text, std::size_t at) {
  std::uint32_t unit = 0;
  for (std::size_t i = at; i < at + 4; ++i) unit = unit << 4 | static_cast<std::uint32_t>(hex_value(text[i]));
  return unit;
}

// Appends the character whose escape "\uXXXX" starts at `at`; the position after it.
std::size_t append_escaped_unit(std::string& out, std::string_view text, std::size_t at) {
  const std::uint32_t unit = hex4(text, at + 2);
  at += 6;
  if (unit >= 0xD800 && unit < 0xDC00 && text.substr(at).starts_with("\\u")) {
    const std::uint32_t low = hex4(text, at + 2);
    if (low >= 0xDC00 && low < 0xE000) {
      append_utf8(out, 0x10000 + ((unit - 0xD800) << 10) + (low - 0xDC00));
      return at + 6;
    }
  }
  append_utf8(out, unit >= 0xD800 && unit < 0xE000 ? 0xFFFD : unit);
  return at;
}

}  // namespace

std::string json_unquote(std::string_view literal) {
  const std::string_view text = literal.substr(1, literal.size() - 2);
  std::string out;
  out.reserve(text.size());
  for (std::size_t at = 0; at < text.size();) {
    const auto escape = std::min(text.find('\\', at), text.size());
    out += text.substr(at, escape - at);
    at = escape;
    if (at == text.size()) break;
    constexpr std::string_view letters = "bfnrt";
    constexpr std::string_view controls = "\b\f\n\r\t";
    const char letter = text[at + 1];
    if (letter == 'u') {
      at = append_escaped_unit(out, text, at);
      continue;
    }
    const auto control = letters.find(letter);
    out += control == std::string_view::npos ? letter : controls[control];
    at += 2;
  }
  return out;
}

bool is_json_integer(std::string_view raw) {
  if (raw.starts_with('-')) raw.remove_prefix(1);
  return !raw.empty() && std::all_of(raw.begin(), raw.end(), is_digit);
}

std::string_view json_member(std::string_view object, std::string_view key) {
  JsonScanner json(object, 1024);
  std::string_view name, value;
  for (json.enter_object(); json.next_member(name);) {
    if (json.take(value) && json_unquote(name) == key) return value;
  }
  return {};
}

JsonScanner::JsonScanner(std::string_view text, std::size_t max_depth)
    : begin_(text.data()), at_(begin_), end_(begin_ + text.size()), depth_left_(max_depth) {}

std::string JsonScanner::problem() const {
  return fmt::format("{} at byte {}", problem_, position());
}

bool JsonScanner::fail(const char* problem) {
  if (!problem_) problem_ = problem;
  return false;
}

void JsonScanner::skip_blanks() {
  while (at_ != end_ && *at_ <= ' ' && is_blank(*at_)) ++at_;
}

char JsonScanner::peek() {
  skip_blanks();
  return failed() || at_ == end_ ? '\0' : *at_;
}

bool JsonScanner::enter(char bracket) {
  if (peek() != bracket) return fail("unexpected character");
  if (depth_left_ == 0) {
    too_deep_ = true;
    return fail("too many nested objects and arrays");
  }
  --depth_left_;
  ++at_;
  fresh_ = true;
  return true;
}

// Passes the closing bracket (false) or, before any but the first item, the comma (true).
bool JsonScanner::leave_or_separate(char bracket) {
  const bool fresh = fresh_;
  fresh_ = false;
  const char next = peek();
  if (next == bracket) {
    ++at_;
    ++depth_left_;
    return false;
  }
  if (fresh) return next != '\0' || fail("unexpected end");
  if (next != ',') return fail(next == '\0' ? "unexpected end" : "missing comma");
  ++at_;
  return true;
}

bool JsonScanner::next_member(std::string_view& key) {
  if (!leave_or_separate('}')) return false;
  if (peek() != '"') return fail("missing member name");
  const char* const start = at_;
  if (!skip_string()) return false;
  key = {start, at_};
  if (peek() != ':') return fail("missing colon");
  ++at_;
  return true;
}

bool JsonScanner::next_element() {
  return leave_or_separate(']');
}

bool JsonScanner::take(std::string_view& raw) {
  skip_blanks();
  const char* const start = at_;
  if (!skip_value()) return false;
  raw = {start, at_};
  return true;
}

bool JsonScanner::finish() {
  if (peek() != '\0' || (!failed() && at_ != end_)) return fail("more than one value");
  return !failed();
}

bool JsonScanner::skip_value() {
  std::string_view key;
  switch (peek()) {
    case '{':
      if (!enter_object()) return false;
      while (next_member(key)) skip_value();
      return !failed();
    case '[':
      if (!enter_array()) return false;
      while (next_element()) skip_value();
      return !failed();
    case '"': return skip_string();
    case 't': return skip_word("true");
    case 'f': return skip_word("false");
    case 'n': return skip_word("null");
    case '\0': return fail("unexpected end");
    default: return skip_number();
  }
}

bool JsonScanner::skip_string() {
  passed_escape_ = false;
  for (++at_;;) {
    at_ = skip_plain(at_, end_);
    if (at_ == end_) return fail("unterminated string");
    if (*at_ == '"') return ++at_, true;
    if (*at_ != '\\') return fail("control character in a string");
    passed_escape_ = true;
    if (end_ - at_ < 2) return fail("unterminated string");
    const char letter = at_[1];
    if (letter == 'u') {
      if (end_ - at_ < 6 || !std::all_of(at_ + 2, at_ + 6, [](char c) { return hex_value(c) >= 0; })) {
        return fail("malformed escape sequence");
      }
      at_ += 6;
    } else if (std::string_view("\"\\/bfnrt").find(letter) != std::string_view::npos) {
      at_ += 2;
    } else {
      return fail("malformed escape sequence");
    }
  }
}

bool JsonScanner::skip_digits() {
  const char* const start = at_;
  while (at_ != end_ && is_digit(*at_)) ++at_;
  return at_ != start;
}

bool JsonScanner::skip_number() {
  if (*at_ == '-') ++at_;
  const bool zero = at_ != end_ && *at_ == '0';
  const char* const start = at_;
  if (!skip_digits()) return fail("unexpected character");
  if (zero && at_ - start > 1) return fail("number with a leading zero");
  if (at_ != end_ && *at_ == '.') {
    ++at_;
    if (!skip_digits()) return fail("malformed number");
  }
  if (at_ != end_ && (*at_ | 0x20) == 'e') {
    ++at_;
    if (at_ != end_ && (*at_ == '+' || *at_ == '-')) ++at_;
    if (!skip_digits()) return fail("malformed number");
  }
  return true;
}

bool JsonScanner::skip_word(std::string_view word) {
  if (!std::string_view(at_, end_).starts_with(word)) return fail("unexpected character");
  at_ += word.size();
  return true;
}

}  // namespace gw::mcp
