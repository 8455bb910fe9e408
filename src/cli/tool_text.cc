#include "cli/tool_text.h"

#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/strings.h"
#include "cli/raw_json.h"
#include "cli/tool_arguments.h"
#include "mcp/json_text.h"

namespace gw::cli {
namespace {

constexpr std::size_t widest_name = 64;
constexpr std::size_t longest_line = 1'000;  // Of a table that is not cut.
constexpr unsigned deepest_schema = 5;

// The first `width` characters of a text that holds nothing a terminal obeys; 0: all of it.
std::string cut(const std::string& text, std::size_t width) {
  if (width == 0) return text;
  std::size_t columns = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if ((static_cast<unsigned char>(text[i]) & 0xC0) == 0x80) continue;
    if (++columns < width) continue;
    const auto next = std::ranges::find_if(text.begin() + static_cast<std::ptrdiff_t>(i) + 1, text.end(),
                                           [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; });
    return next == text.end() ? text : text.substr(0, i) + "…";
  }
  return text;
}

std::string summary(const catalogue::Definition& tool) {
  std::string_view description = tool.description;
  while (description.starts_with('\n') || description.starts_with(' ')) description.remove_prefix(1);
  const std::string first(description.substr(0, std::min(description.find_first_of("\r\n"), description.size())));
  if (tool.title.empty() || tool.title == tool.name) return first;
  return first.empty() ? tool.title : tool.title + ": " + first;
}

struct Annotation {
  const char* name;
  const char* when_true;
  const char* when_false;
};

constexpr Annotation annotations[] = {
    {"readOnlyHint", "only reads", "changes something"},
    {"destructiveHint", "may destroy or overwrite", "only adds"},
    {"idempotentHint", "does nothing more when it is called again with the same arguments",
     "does something more each time that it is called"},
    {"openWorldHint", "reaches out to an open world, such as the web", "stays within its own world"},
};

std::string behaviour(std::string_view definition) {
  const std::string_view said = mcp::json_member(definition, "annotations");
  std::vector<std::string> words;
  if (mcp::is_json_object(said)) {
    for (const Annotation& annotation : annotations) {
      const std::string_view value = mcp::json_member(said, annotation.name);
      if (value == "true" || value == "false") {
        words.emplace_back(value == "true" ? annotation.when_true : annotation.when_false);
      }
    }
  }
  return words.empty() ? "" : fmt::format("\nAs its server says, it {}.\n", fmt::join(words, "; "));
}

// Keywords that are shown as they are, and what stands before their value.
constexpr std::pair<const char*, const char*> limits[] = {
    {"default", "default"},        {"const", "always"},
    {"format", "format"},          {"pattern", "pattern"},
    {"minimum", "at least"},       {"exclusiveMinimum", "more than"},
    {"maximum", "at most"},        {"exclusiveMaximum", "less than"},
    {"multipleOf", "multiple of"}, {"minLength", "min. length"},
    {"maxLength", "max. length"},  {"minItems", "min. items"},
    {"maxItems", "max. items"}};

std::string value_text(std::string_view raw) {
  return printable(raw, 200);
}

class SchemaText {
 public:
  explicit SchemaText(std::string_view root) : root_(root) {}

  std::string properties(std::string_view schema, std::size_t indent, unsigned depth) const {
    const auto members = members_of(mcp::is_json_object(schema) ? mcp::json_member(schema, "properties") : "");
    const auto required = texts_member(schema, "required");
    std::string out;
    for (const auto& [name, property] : members) {
      const bool must = std::ranges::find(required, name) != required.end();
      out += fmt::format("{:{}}{}  {}{}\n", "", indent, printable(name), kind(property), must ? ", required" : "");
      if (const std::string text = text_member(property, "description"); !text.empty()) {
        out += fmt::format("{:{}}{}\n", "", indent + 4, shown(text, indent + 4));
      }
      if (depth > 0) out += properties(inner(property), indent + 4, depth - 1);
    }
    return out;
  }

  // "integer, default 10, at least 1"
  std::string kind(std::string_view schema) const {
    const auto types = types_of(schema, root_);
    std::string text = types.empty() ? "any value" : fmt::format("{}", fmt::join(types, " or "));
    if (!mcp::is_json_object(schema)) return printable(text);
    const auto items = types_of(mcp::json_member(schema, "items"), root_);
    if (text == "array" && !items.empty()) text = fmt::format("list of {}", fmt::join(items, " or "));
    text = printable(text);
    std::vector<std::string> choices;
    for (const std::string_view each : elements_of(mcp::json_member(schema, "enum"))) {
      choices.push_back(value_text(each));
    }
    if (!choices.empty()) text += fmt::format(", one of {}", fmt::join(choices, ", "));
    for (const auto& [keyword, words] : limits) {
      const std::string_view value = mcp::json_member(schema, keyword);
      if (!value.empty()) text += fmt::format(", {} {}", words, value_text(value));
    }
    return text;
  }

 private:
  // Where the properties are: in the schema itself, or in that of its items.
  static std::string_view inner(std::string_view schema) {
    if (!mcp::is_json_object(schema)) return {};
    const std::string_view items = mcp::json_member(schema, "items");
    return mcp::is_json_object(items) ? items : schema;
  }

  std::string_view root_;
};

std::string result_text(std::string_view schema) {
  const SchemaText text(schema);
  const std::string properties = text.properties(schema, 2, deepest_schema);
  return properties.empty() ? fmt::format("  {}\n", text.kind(schema)) : properties;
}

}  // namespace

std::string tool_table(const std::vector<catalogue::Definition>& tools, std::size_t width) {
  std::size_t names = std::string_view("NAME").size();
  for (const auto& tool : tools) names = std::max(names, std::min(printable(tool.name).size(), widest_name));
  std::string out = fmt::format("{:{}}  DESCRIPTION\n", "NAME", names);
  for (const auto& tool : tools) {
    std::string line = fmt::format("{:{}}  {}", printable(tool.name), names, printable(summary(tool), longest_line));
    line.erase(line.find_last_not_of(' ') + 1);
    out += cut(line, width) + "\n";
  }
  return out;
}

std::string tool_description(const catalogue::Definition& tool) {
  std::string out = printable(tool.name, longest_line) + "\n";
  if (!tool.title.empty() && tool.title != tool.name) out += printable(tool.title, longest_line) + "\n";
  if (!tool.description.empty()) out += "\n" + shown(tool.description) + "\n";
  out += behaviour(tool.json);
  const std::string_view input = mcp::json_member(tool.json, "inputSchema");
  const std::string arguments = SchemaText(input).properties(input, 2, deepest_schema);
  out += arguments.empty() ? "\nIt describes no arguments.\n" : "\nArguments:\n" + arguments;
  const std::string_view output = mcp::json_member(tool.json, "outputSchema");
  if (!output.empty()) out += "\nResult:\n" + result_text(output);
  return out;
}

}  // namespace gw::cli
