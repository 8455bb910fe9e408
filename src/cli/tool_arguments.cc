#include "cli/tool_arguments.h"

#include <algorithm>
#include <map>

#include <fmt/core.h>

#include "base/strings.h"
#include "cli/raw_json.h"
#include "mcp/json_text.h"
#include "policy/arguments.h"

namespace gw::cli {
namespace {

constexpr std::size_t max_depth = 64;
constexpr unsigned max_references = 8;

bool is_json(std::string_view text) {
  mcp::JsonScanner json(text, max_depth);
  std::string_view value;
  return is_utf8(text) && json.take(value) && json.finish();
}

bool is_of_type(std::string_view raw, const std::string& type) {
  if (type == "null" || type == "boolean") return type == "null" ? raw == "null" : raw == "true" || raw == "false";
  const bool number = !raw.empty() && (raw[0] == '-' || (raw[0] >= '0' && raw[0] <= '9'));
  if (type == "integer") return mcp::is_json_integer(raw);
  if (type == "number") return number;
  return raw.starts_with(type == "object" ? '{' : '[');
}

std::string expectation(const std::vector<std::string>& types) {
  std::string text;
  for (std::size_t i = 0; i < types.size(); ++i) {
    const std::string& type = types[i];
    text += i == 0 ? "" : i + 1 == types.size() ? " or " : ", ";
    if (type == "array") {
      text += R"(a list as JSON, such as ["a","b"])";
    } else if (type == "object") {
      text += R"(an object as JSON, such as {"a":1})";
    } else if (type == "boolean") {
      text += "true or false";
    } else {
      text += type == "integer" ? "an integer" : type == "number" ? "a number" : type;
    }
  }
  return text;
}

void add_types(std::string_view schema, std::string_view root, unsigned references, std::vector<std::string>& types) {
  if (!mcp::is_json_object(schema)) return;
  const auto add = [&](std::string type) {
    if (std::ranges::find(types, type) == types.end()) types.push_back(std::move(type));
  };
  if (const std::string type = text_member(schema, "type"); !type.empty()) add(type);
  for (std::string& type : texts_member(schema, "type")) add(std::move(type));
  if (references == 0) return;
  const std::string reference = text_member(schema, "$ref");
  if (reference.starts_with("#/")) {
    const auto path = policy::parse_pointer(std::string_view(reference).substr(1));
    if (path) add_types(policy::find(root, *path).raw, root, references - 1, types);
  }
  for (const char* alternatives : {"anyOf", "oneOf"}) {
    for (const std::string_view each : elements_of(mcp::json_member(schema, alternatives))) {
      add_types(each, root, references - 1, types);
    }
  }
}

struct Word {
  std::string name;
  std::string_view value;
  bool is_json = false;
};

Result<Word> split(std::string_view word) {
  const auto equals = word.find('=');
  if (equals == std::string_view::npos || equals == 0 || word.starts_with(":=")) {
    return fail(Errc::invalid, "'{}' is no argument: write name=value, or name:=JSON", printable(word, 80));
  }
  if (!is_utf8(word)) return fail(Errc::invalid, "'{}' is not UTF-8 text", printable(word, 80));
  const bool json = word[equals - 1] == ':';
  return Word{std::string(word.substr(0, json ? equals - 1 : equals)), word.substr(equals + 1), json};
}

Result<std::string> value_of(const Word& word, std::string_view property, std::string_view schema) {
  if (!word.is_json) {
    auto typed = typed_value(word.value, types_of(property, schema));
    if (!typed) return std::unexpected(typed.error().within(fmt::format("'{}'", printable(word.name, 80))));
    return typed;
  }
  if (is_json(word.value)) return std::string(word.value);
  return fail(Errc::invalid, "'{}': '{}' is no JSON; texts need quotes, such as {}:='\"text\"'",
              printable(word.name, 80), printable(word.value, 80), printable(word.name, 80));
}

}  // namespace

std::vector<std::string> types_of(std::string_view schema, std::string_view root) {
  std::vector<std::string> types;
  add_types(schema, root, max_references, types);
  return types;
}

Result<std::string> typed_value(std::string_view text, const std::vector<std::string>& types) {
  if (types.empty() || std::ranges::find(types, "string") != types.end()) return json_quote(text);
  const std::string_view trimmed = trim(text);
  if (is_json(trimmed)) {
    for (const std::string& type : types) {
      if (is_of_type(trimmed, type)) return std::string(trimmed);
    }
  }
  return fail(Errc::invalid, "'{}' is not {}", printable(text, 80), expectation(types));
}

Result<TypedArguments> read_arguments(const std::vector<std::string>& words, std::string_view base,
                                      std::string_view schema) {
  TypedArguments made;
  const std::string_view properties = mcp::is_json_object(schema) ? mcp::json_member(schema, "properties") : "";
  std::map<std::string, std::string_view> known;
  std::vector<std::string> names;
  for (const auto& [name, property] : members_of(properties)) {
    known.emplace(name, property);
    names.push_back(name);
  }
  std::vector<std::pair<std::string, std::string>> members;
  for (const auto& [name, raw] : members_of(base)) members.emplace_back(name, raw);
  std::vector<std::string> given;
  for (const std::string& text : words) {
    GW_TRY(const Word word, split(text));
    if (std::ranges::find(given, word.name) != given.end()) {
      return fail(Errc::invalid, "the argument '{}' is given twice", printable(word.name, 80));
    }
    given.push_back(word.name);
    const auto property = known.find(word.name);
    if (property == known.end() && !known.empty()) {
      const auto near = nearest(word.name, names);
      made.warnings.push_back(fmt::format("the tool describes no argument '{}'{}", printable(word.name, 80),
                                          near ? fmt::format("; did you mean '{}'?", printable(*near, 80)) : ""));
    }
    GW_TRY(std::string value, value_of(word, property == known.end() ? "" : property->second, schema));
    const auto same = std::ranges::find(members, word.name, &std::pair<std::string, std::string>::first);
    if (same == members.end()) {
      members.emplace_back(word.name, std::move(value));
    } else {
      same->second = std::move(value);
    }
  }
  if (words.empty() && !base.empty()) {
    made.json = base;
    return made;
  }
  for (const auto& [name, value] : members) {
    made.json.append(made.json.empty() ? "" : ",").append(json_quote(name)).append(":").append(value);
  }
  made.json = "{" + made.json + "}";
  return made;
}

}  // namespace gw::cli
