#include "cli/raw_json.h"

#include "base/strings.h"
#include "mcp/json_text.h"

namespace gw::cli {
namespace {

constexpr std::size_t max_depth = 128;
constexpr std::size_t longest_line = 1 << 20;

}  // namespace

std::vector<std::string_view> elements_of(std::string_view array) {
  std::vector<std::string_view> elements;
  if (!array.starts_with('[')) return elements;
  mcp::JsonScanner json(array, max_depth);
  std::string_view value;
  for (json.enter_array(); json.next_element() && json.take(value);) elements.push_back(value);
  return elements;
}

std::vector<std::pair<std::string, std::string_view>> members_of(std::string_view object) {
  std::vector<std::pair<std::string, std::string_view>> members;
  if (!mcp::is_json_object(object)) return members;
  mcp::JsonScanner json(object, max_depth);
  std::string_view key, value;
  for (json.enter_object(); json.next_member(key) && json.take(value);) {
    members.emplace_back(mcp::json_unquote(key), value);
  }
  return members;
}

std::string text_member(std::string_view object, std::string_view key) {
  if (!mcp::is_json_object(object)) return {};
  const std::string_view raw = mcp::json_member(object, key);
  return mcp::is_json_string(raw) ? mcp::json_unquote(raw) : std::string();
}

std::vector<std::string> texts_member(std::string_view object, std::string_view key) {
  std::vector<std::string> texts;
  if (!mcp::is_json_object(object)) return texts;
  for (const std::string_view raw : elements_of(mcp::json_member(object, key))) {
    if (mcp::is_json_string(raw)) texts.push_back(mcp::json_unquote(raw));
  }
  return texts;
}

std::string indented(std::string_view raw, std::size_t indent) {
  const bool object = mcp::is_json_object(raw);
  if (!object && !raw.starts_with('[')) return std::string(raw);
  std::string out;
  const std::string line = "\n" + std::string(indent + 2, ' ');
  mcp::JsonScanner json(raw, max_depth);
  std::string_view key, value;
  object ? json.enter_object() : json.enter_array();
  while ((object ? json.next_member(key) : json.next_element()) && json.take(value)) {
    out.append(out.empty() ? "" : ",").append(line);
    if (object) out.append(key).append(": ");
    out += indented(value, indent + 2);
  }
  if (!out.empty()) out += "\n" + std::string(indent, ' ');
  return (object ? "{" : "[") + out + (object ? "}" : "]");
}

std::string shown(std::string_view text, std::size_t indent) {
  while (text.ends_with('\n') || text.ends_with('\r')) text.remove_suffix(1);
  std::string out;
  while (true) {
    const auto end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    if (line.ends_with('\r')) line.remove_suffix(1);
    for (std::size_t start = 0; start <= line.size();) {
      const auto tab = std::min(line.find('\t', start), line.size());
      out += printable(line.substr(start, tab - start), longest_line);
      if (tab < line.size()) out += '\t';
      start = tab + 1;
    }
    if (end == text.size()) return out;
    out += '\n' + std::string(indent, ' ');
    text.remove_prefix(end + 1);
  }
}

}  // namespace gw::cli
