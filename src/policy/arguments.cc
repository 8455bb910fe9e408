#include "policy/arguments.h"

#include <algorithm>
#include <charconv>
#include <cmath>

#include <fmt/core.h>

#include "base/check.h"
#include "base/glob.h"
#include "base/strings.h"
#include "mcp/json_text.h"

namespace gw::policy {
namespace {

constexpr std::size_t max_depth = 128;

std::optional<std::string> decode_token(std::string_view text) {
  std::string token;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '~') {
      token += text[i];
      continue;
    }
    if (++i == text.size() || (text[i] != '0' && text[i] != '1')) return {};
    token += text[i] == '0' ? '~' : '/';
  }
  return token;
}

bool names(std::string_view key_literal, std::string_view token) {
  const bool escaped = key_literal.find('\\') != std::string_view::npos;
  if (escaped) return iequals(mcp::json_unquote(key_literal), token);
  return iequals(key_literal.substr(1, key_literal.size() - 2), token);
}

bool names_exactly(std::string_view key_literal, std::string_view token) {
  return mcp::json_unquote(key_literal) == token;
}

Found find_member(mcp::JsonScanner& json, std::string_view token) {
  Found found;
  std::string_view key, value;
  for (json.enter_object(); json.next_member(key);) {
    if (!json.take(value) || !names(key, token)) continue;
    if (found.lookup == Lookup::found || !names_exactly(key, token)) return {Lookup::unreadable, {}};
    found = {Lookup::found, value};
  }
  return found;
}

Found find_element(mcp::JsonScanner& json, std::string_view token) {
  const auto index = parse_unsigned(token);
  const bool canonical = index && (token == "0" || !token.starts_with('0'));
  Found found;
  std::string_view value;
  std::uint64_t at = 0;
  for (json.enter_array(); json.next_element(); ++at) {
    if (json.take(value) && canonical && at == *index) found = {Lookup::found, value};
  }
  return found;
}

Found step(std::string_view text, std::string_view token) {
  mcp::JsonScanner json(text, max_depth);
  Found found;
  std::string_view scalar;
  switch (json.peek()) {
    case '{': found = find_member(json, token); break;
    case '[': found = find_element(json, token); break;
    default: json.take(scalar);
  }
  if (found.lookup != Lookup::unreadable && !json.finish()) return {Lookup::unreadable, {}};
  return found;
}

bool is_number(std::string_view raw) {
  return !raw.empty() && (raw[0] == '-' || (raw[0] >= '0' && raw[0] <= '9'));
}

// Nothing when no double is near it.
std::optional<double> double_of(std::string_view number) {
  double value = 0;
  const auto [end, error] = std::from_chars(number.data(), number.data() + number.size(), value);
  if (error != std::errc()) return {};
  return value;
}

std::string_view integer_digits(std::string_view integer) {
  return integer == "-0" ? "0" : integer;
}

std::string number_text(std::string_view number) {
  if (mcp::is_json_integer(number)) return std::string(integer_digits(number));
  const auto value = double_of(number);
  if (!value) return std::string(number);
  constexpr double exact = 1LL << 53;
  if (std::abs(*value) <= exact && *value == std::trunc(*value)) {
    return fmt::format("{}", static_cast<std::int64_t>(*value));
  }
  return fmt::format("{}", *value);
}

bool is_unreadable(std::string_view raw) {
  return is_number(raw) && !mcp::is_json_integer(raw) && !double_of(raw);
}

bool same_number(std::string_view a, std::string_view b) {
  if (mcp::is_json_integer(a) && mcp::is_json_integer(b)) return integer_digits(a) == integer_digits(b);
  const auto x = double_of(a);
  const auto y = double_of(b);
  return x && y ? *x == *y : a == b;
}

}  // namespace

Result<std::vector<std::string>> parse_pointer(std::string_view text) {
  std::vector<std::string> tokens;
  if (!text.starts_with('/')) {
    return fail(Errc::invalid, "'{}' is not a JSON pointer; write for example /path or /filter/owner", printable(text));
  }
  while (!text.empty()) {
    text.remove_prefix(1);
    const auto part = text.substr(0, text.find('/'));
    auto token = decode_token(part);
    if (!token) return fail(Errc::invalid, "in '{}' write ~0 for ~ and ~1 for /", printable(part));
    tokens.push_back(*std::move(token));
    text.remove_prefix(part.size());
  }
  return tokens;
}

Found find(std::string_view arguments, const std::vector<std::string>& pointer) {
  if (arguments.empty()) return {};
  Found at{Lookup::found, arguments};
  for (const std::string& token : pointer) {
    at = step(at.raw, token);
    if (at.lookup != Lookup::found) break;
  }
  return at;
}

std::optional<std::string> text_of(std::string_view raw) {
  if (mcp::is_json_string(raw)) return mcp::json_unquote(raw);
  if (is_number(raw)) return number_text(raw);
  if (raw == "true" || raw == "false") return std::string(raw);
  return {};
}

bool is_scalar(std::string_view text) {
  mcp::JsonScanner json(text, 1);
  std::string_view raw;
  return json.peek() != '{' && json.peek() != '[' && json.take(raw) && json.finish() && raw == text && is_utf8(text);
}

bool same_value(std::string_view a, std::string_view b) {
  if (is_number(a) && is_number(b)) return same_number(a, b);
  if (mcp::is_json_string(a) && mcp::is_json_string(b)) return mcp::json_unquote(a) == mcp::json_unquote(b);
  return a == b;
}

ArgumentTest::ArgumentTest(const ArgumentCondition& condition) : condition_(condition) {
  auto tokens = parse_pointer(condition.pointer);
  GW_CHECK(tokens.has_value());
  tokens_ = *std::move(tokens);
}

ArgumentTest::Outcome ArgumentTest::test(std::string_view arguments) const {
  const Found found = find(arguments, tokens_);
  const bool looks_at_value = !condition_.present && found.lookup == Lookup::found;
  if (found.lookup == Lookup::unreadable || (looks_at_value && is_unreadable(found.raw))) return Outcome::unreadable;
  return holds(found) ? Outcome::holds : Outcome::fails;
}

bool ArgumentTest::holds(const Found& found) const {
  const bool there = found.lookup == Lookup::found;
  if (condition_.present) return there == *condition_.present;
  if (!there) return false;
  if (!condition_.equals.empty()) {
    return std::ranges::any_of(condition_.equals,
                               [&](const std::string& wanted) { return same_value(found.raw, wanted); });
  }
  const auto text = text_of(found.raw);
  return text && std::ranges::any_of(condition_.matches,
                                     [&](const std::string& pattern) { return glob_match(pattern, *text); });
}

}  // namespace gw::policy
