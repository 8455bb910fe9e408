// JSON as text: a validating scanner that hands out raw spans, and string literals. For messages that are looked at and
// passed on, never rebuilt: what a span holds is exactly what the peer wrote.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace gw::mcp {

// The value of a string literal that JsonScanner accepted. Escaped lone surrogates become U+FFFD.
std::string json_unquote(std::string_view literal);
inline bool is_json_string(std::string_view raw) {
  return raw.starts_with('"');
}
inline bool is_json_object(std::string_view raw) {
  return raw.starts_with('{');
}
// A number without fraction and exponent.
bool is_json_integer(std::string_view raw);

// The raw value of a member of `object`, the text of an accepted object; empty when there is none. `key` is plain.
std::string_view json_member(std::string_view object, std::string_view key);

// Reads one JSON text from front to back. Every byte that it passes has been checked against RFC 8259 (but not for
// UTF-8), however little of it is of interest. After the first failure each method says false and failed() stays true.
//
//   JsonScanner json(text, 64);
//   std::string_view key, value;
//   for (json.enter_object(); json.next_member(key);) json.take(value);
//   if (!json.finish()) …
class JsonScanner {
 public:
  JsonScanner(std::string_view text, std::size_t max_depth);

  // The first character of the value at the cursor, which tells its type; '\0' at the end or after a failure.
  char peek();
  // Enters the object or array at the cursor. Each is left by the call of next_… that says false.
  bool enter_object() { return enter('{'); }
  bool enter_array() { return enter('['); }
  // Moves to the value of the next member. `key` is its raw literal, with quotes.
  bool next_member(std::string_view& key);
  bool next_element();
  // Passes the value at the cursor; `raw` is its text without blanks around it.
  bool take(std::string_view& raw);
  // Nothing but blanks follows, and nothing failed.
  bool finish();

  // Whether the string that was passed last, such as the key of next_member(), is written with escapes.
  bool passed_escape() const { return passed_escape_; }

  bool failed() const { return problem_ != nullptr; }
  // What failed and where, as "… at byte 17". Only after a failure.
  std::string problem() const;
  bool too_deep() const { return too_deep_; }

  std::string_view text() const { return {begin_, end_}; }
  // Bytes passed so far.
  std::size_t position() const { return static_cast<std::size_t>(at_ - begin_); }

 private:
  bool fail(const char* problem);
  bool enter(char bracket);
  bool leave_or_separate(char bracket);
  void skip_blanks();
  bool skip_value();
  bool skip_string();
  bool skip_number();
  bool skip_digits();
  bool skip_word(std::string_view word);

  const char* begin_;
  const char* at_;
  const char* end_;
  std::size_t depth_left_;
  bool fresh_ = false;  // Just after an opening bracket: no comma is due.
  bool too_deep_ = false;
  bool passed_escape_ = false;
  const char* problem_ = nullptr;
};

}  // namespace gw::mcp
