#include "openapi/yaml_text.h"

#include <algorithm>

#include <boost/json.hpp>

#include "base/strings.h"

namespace gw::openapi {
namespace {

using boost::json::value;

// A word that YAML takes for itself wherever it stands.
bool is_plain(std::string_view text) {
  constexpr std::string_view words[] = {"true", "false", "null", "yes", "no", "on", "off", "y", "n"};
  const std::string lower = to_lower(text);
  const auto is_letter = [](char c) { return ascii_lower(c) >= 'a' && ascii_lower(c) <= 'z'; };
  return !text.empty() && text.size() <= 64 && is_letter(text.front()) && std::ranges::all_of(text, [&](char c) {
    return is_letter(c) || (c >= '0' && c <= '9') || c == '_' || c == '-';
  }) && std::ranges::find(words, lower) == std::end(words);
}

std::string scalar(std::string_view text) {
  if (is_plain(text)) return std::string(text);
  std::string out = json_quote(text);
  for (auto at = out.find("\\u000a"); at != std::string::npos; at = out.find("\\u000a", at)) out.replace(at, 6, "\\n");
  return out;
}

bool is_empty(const value& value) {
  return (value.is_object() && value.get_object().empty()) || (value.is_array() && value.get_array().empty());
}

bool is_block(const value& value) {
  return (value.is_object() || value.is_array()) && !is_empty(value);
}

void write(std::string& out, const value& value, std::size_t indent);

void write_inline(std::string& out, const value& value) {
  out += value.is_string() ? scalar(value.get_string()) : boost::json::serialize(value);
  out += '\n';
}

// `started`: the first line has its indentation already.
void write_object(std::string& out, const boost::json::object& object, std::size_t indent, bool started) {
  for (const auto& [name, content] : object) {
    if (!std::exchange(started, false)) out.append(indent, ' ');
    out += scalar(name) + ":";
    if (is_block(content)) {
      out += '\n';
      write(out, content, indent + 2);
    } else {
      out += ' ';
      write_inline(out, content);
    }
  }
}

void write(std::string& out, const value& value, std::size_t indent) {
  if (value.is_object()) return write_object(out, value.get_object(), indent, false);
  for (const auto& item : value.get_array()) {
    out.append(indent, ' ') += "- ";
    if (item.is_object() && !is_empty(item)) {
      write_object(out, item.get_object(), indent + 2, true);
    } else if (is_block(item)) {
      out += boost::json::serialize(item) + '\n';
    } else {
      write_inline(out, item);
    }
  }
}

}  // namespace

std::string yaml_text(const value& value) {
  std::string out;
  if (is_block(value)) {
    write(out, value, 0);
  } else {
    write_inline(out, value);
  }
  return out;
}

}  // namespace gw::openapi
