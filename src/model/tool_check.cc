#include "model/tool_check.h"

#include <algorithm>
#include <expected>
#include <optional>
#include <set>

#include <fmt/core.h>
#include <boost/json.hpp>

#include "base/strings.h"
#include "json/json.h"
#include "jsonschema/schema.h"
#include "mcp/json_text.h"
#include "model/characters.h"
#include "model/header_name.h"

namespace gw::model {
namespace {

using Place = ToolParameter::Place;
using boost::json::object;
using boost::json::value;

constexpr std::size_t longest_path = 2048;
constexpr std::size_t most_parameters = 256;

std::string_view type_name(const value& any) {
  return schema::describe(schema::node_of(any)->kind);
}

// The names in braces, or why the braces are not well formed.
std::expected<std::set<std::string>, std::string> placeholders_in(std::string_view path) {
  std::set<std::string> names;
  while (true) {
    const auto open = path.find_first_of("{}");
    if (open == std::string_view::npos) return names;
    const auto close = path.find_first_of("{}", open + 1);
    if (path[open] != '{' || close == std::string_view::npos || path[close] != '}' || close == open + 1) {
      return std::unexpected("its braces do not enclose names, as in /items/{id}");
    }
    names.emplace(path.substr(open + 1, close - open - 1));
    path.remove_prefix(close + 1);
  }
}

bool has_whole_escapes(std::string_view path) {
  constexpr std::string_view digits = "0123456789abcdefABCDEF";
  for (auto at = path.find('%'); at != std::string_view::npos; at = path.find('%', at + 1)) {
    if (at + 2 >= path.size() || !digits.contains(path[at + 1]) || !digits.contains(path[at + 2])) return false;
  }
  return true;
}

// What a part of a JSON pointer stands for (RFC 6901, 3).
std::string unescaped(std::string_view part) {
  std::string text;
  for (std::size_t i = 0; i < part.size(); ++i) {
    const bool escape = part[i] == '~' && i + 1 < part.size();
    text += !escape ? part[i] : part[++i] == '1' ? '/' : '~';
  }
  return text;
}

// A JSON pointer as the rest of a field: "/allOf/0/type" is ".allOf[0].type".
std::string field_of(std::string_view pointer) {
  std::string field;
  while (!pointer.empty()) {
    pointer.remove_prefix(1);
    const auto end = std::min(pointer.find('/'), pointer.size());
    const std::string part = unescaped(pointer.substr(0, end));
    field += parse_unsigned(part) ? '[' + part + ']' : '.' + printable(part, 80);
    pointer.remove_prefix(end);
  }
  return field;
}

class Check {
 public:
  explicit Check(const AdapterSpec& spec) : spec_(spec), tool_(*spec.tool) {}

  std::vector<schema::Problem> run() {
    check_definition();
    check_path();
    for (std::size_t i = 0; i < tool_.parameters.size(); ++i) check_parameter(i);
    check_body();
    return std::move(problems_);
  }

 private:
  template <class... Args>
  void add(std::string_view field, fmt::format_string<Args...> format, Args&&... args) {
    problems_.push_back({"toolDefinition." + std::string(field), fmt::format(format, std::forward<Args>(args)...), {}});
  }

  void check_definition() {
    if (tool_.definition.size() > largest_definition) {
      return add("tool", "the definition has {} bytes; {} are allowed", tool_.definition.size(), largest_definition);
    }
    const auto parsed = json::parse(tool_.definition);
    if (!parsed) return add("tool", "{}", parsed.error().message());
    if (!parsed->is_object()) return add("tool", "expected a Tool object, found {}", type_name(*parsed));
    const object& tool = parsed->as_object();
    check_name(tool);
    expect(tool, "tool", "title", &value::is_string, "a string");
    expect(tool, "tool", "description", &value::is_string, "a string");
    check_schema(tool, "inputSchema", Needed::yes);
    check_schema(tool, "outputSchema", Needed::no);
    check_annotations(tool);
    check_icons(tool);
    expect(tool, "tool", "execution", &value::is_object, "an object");
    expect(tool, "tool", "_meta", &value::is_object, "an object");
    take_arguments(tool);
  }

  void check_name(const object& tool) {
    const value* const name = tool.if_contains("name");
    if (name == nullptr) return add("tool.name", "'name' is missing; it is that of the resource: '{}'", spec_.name);
    if (!name->is_string()) return add("tool.name", "expected a string, found {}", type_name(*name));
    if (name->as_string() == spec_.name || spec_.name.empty()) return;
    add("tool.name", "'{}' is not the name of the resource; both must be '{}'", printable(name->as_string(), 80),
        printable(spec_.name, 80));
  }

  // Complains when the member is there and not what it should be.
  void expect(const object& where, std::string_view place, std::string_view member, bool (value::*is)() const noexcept,
              std::string_view what) {
    const value* const found = where.if_contains(member);
    if (found == nullptr || (found->*is)()) return;
    add(fmt::format("{}.{}", place, member), "expected {}, found {}", what, type_name(*found));
  }

  enum class Needed { no, yes };

  void check_schema(const object& tool, std::string_view member, Needed needed) {
    const std::string field = fmt::format("tool.{}", member);
    const value* const found = tool.if_contains(member);
    if (found == nullptr) {
      if (needed == Needed::yes) {
        add(field, R"('{}' is missing; for a tool without arguments write {{"type": "object"}})", member);
      }
      return;
    }
    if (!found->is_object()) return add(field, "expected a JSON Schema, an object, found {}", type_name(*found));
    const value* const type = found->as_object().if_contains("type");
    if (type == nullptr || !type->is_string() || type->as_string() != "object") {
      add(field + ".type", "must be \"object\": what a tool takes and gives by name is an object");
    }
    const auto schema = jsonschema::Schema::compile(mcp::json_member(tool_.definition, member));
    if (schema) return;
    for (const jsonschema::Problem& problem : schema.error()) {
      add(field + field_of(problem.path), "{}", problem.message);
    }
  }

  void check_annotations(const object& tool) {
    expect(tool, "tool", "annotations", &value::is_object, "an object");
    const value* const found = tool.if_contains("annotations");
    if (found == nullptr || !found->is_object()) return;
    const object& annotations = found->as_object();
    expect(annotations, "tool.annotations", "title", &value::is_string, "a string");
    for (const char* hint : {"readOnlyHint", "destructiveHint", "idempotentHint", "openWorldHint"}) {
      expect(annotations, "tool.annotations", hint, &value::is_bool, "true or false");
    }
  }

  void check_icons(const object& tool) {
    expect(tool, "tool", "icons", &value::is_array, "a list");
    const value* const found = tool.if_contains("icons");
    if (found == nullptr || !found->is_array()) return;
    for (std::size_t i = 0; i < found->as_array().size(); ++i) {
      const value& icon = found->as_array()[i];
      const value* const src = icon.is_object() ? icon.as_object().if_contains("src") : nullptr;
      if (src != nullptr && src->is_string()) continue;
      add(fmt::format("tool.icons[{}]", i), "expected an object with 'src', the address of an image");
    }
  }

  // The arguments that the inputSchema names. Those of a schema that names none, as with $ref, are not known here.
  void take_arguments(const object& tool) {
    const value* const schema = tool.if_contains("inputSchema");
    if (schema == nullptr || !schema->is_object()) return;
    const value* const properties = schema->as_object().if_contains("properties");
    if (properties == nullptr || !properties->is_object()) return;
    std::vector<std::string>& names = arguments_.emplace();
    for (const auto& [name, property] : properties->as_object()) names.emplace_back(name);
  }

  void check_path() {
    const std::string& path = tool_.path;
    const auto legal = [](char c) {
      return is_letter_or_digit(c) || std::string_view("/_-.{}~%").find(c) != std::string_view::npos;
    };
    if (!path.starts_with('/') || path.size() > longest_path || !std::ranges::all_of(path, legal)) {
      return add(
          "path",
          "'{}' is not a path such as /items/{{id}}: it begins with '/' and has at most {} letters, digits and / _ "
          "- . ~ %",
          printable(path, 80), longest_path);
    }
    if (!has_whole_escapes(path)) return add("path", "'%' begins an escape of two hexadecimal digits, such as %20");
    if (has_dot_step(path)) return add("path", "a step of it is '.' or '..', which would lead to another path");
    const auto names = placeholders_in(path);
    if (!names) return add("path", "{}", names.error());
    for (const std::string& name : *names) {
      if (std::ranges::any_of(tool_.parameters,
                              [&](const auto& p) { return p.in == Place::path && sent_as(p) == name; }))
        continue;
      add("path", "'{{{}}}' stands for no parameter; add one to 'parameters' with \"in\": \"path\"", name);
    }
    placeholders_ = *names;
  }

  static const std::string& sent_as(const ToolParameter& parameter) {
    return parameter.name.empty() ? parameter.argument : parameter.name;
  }

  void check_parameter(std::size_t index) {
    const std::string field = fmt::format("parameters[{}]", index);
    if (index == most_parameters) return add(field, "there are more than {} parameters", most_parameters);
    if (index > most_parameters) return;
    const ToolParameter& parameter = tool_.parameters[index];
    check_argument(field + ".argument", parameter.argument);
    const std::string& name = sent_as(parameter);
    const std::string named = field + (parameter.name.empty() ? ".argument" : ".name");
    if (parameter.in == Place::path && placeholders_ && !placeholders_->contains(name)) {
      add(named, "'path' has no '{{{}}}'", printable(name, 80));
    }
    if (parameter.in == Place::header) check_header(named, name);
    const auto same_place = [&](const ToolParameter& other) {
      if (other.in != parameter.in) return false;
      return parameter.in == Place::header ? iequals(sent_as(other), name) : sent_as(other) == name;
    };
    const auto before = tool_.parameters.begin() + static_cast<std::ptrdiff_t>(index);
    if (std::any_of(tool_.parameters.begin(), before, same_place)) {
      add(named, "'{}' is given by another parameter already", printable(name, 80));
    }
  }

  void check_argument(const std::string& field, const std::string& argument) {
    if (argument.empty()) return add(field, "an argument has a name");
    if (!arguments_ || std::ranges::find(*arguments_, argument) != arguments_->end()) return;
    const auto near = nearest(argument, *arguments_);
    add(field, "'{}' is not among the properties of the inputSchema{}", printable(argument, 80),
        near ? fmt::format("; did you mean '{}'?", printable(*near, 80)) : "");
  }

  void check_header(const std::string& field, const std::string& name) {
    if (!is_token(name)) return add(field, "'{}' is not a legal header name", printable(name, 80));
    if (is_kept_from_arguments(name)) return add(field, "an argument cannot set the header '{}'", printable(name, 80));
    const auto same = [&](const auto& header) { return iequals(header.first, name); };
    if (spec_.url && std::ranges::any_of(spec_.url->headers, same)) {
      add(field, "'headers' sets '{}' already", printable(name, 80));
    }
  }

  void check_body() {
    const std::string& argument = tool_.body_argument;
    if (argument.empty()) return;
    check_argument("bodyArgument", argument);
    if (tool_.method == "GET") add("bodyArgument", "a GET request has no body; choose another method");
    if (std::ranges::find(tool_.parameters, argument, &ToolParameter::argument) != tool_.parameters.end()) {
      add("bodyArgument", "'{}' is among the 'parameters'; it goes to one place", printable(argument, 80));
    }
  }

  const AdapterSpec& spec_;
  const ToolSpec& tool_;
  std::optional<std::vector<std::string>> arguments_;
  std::optional<std::set<std::string>> placeholders_;  // Of a sound path.
  std::vector<schema::Problem> problems_;
};

}  // namespace

bool has_dot_step(std::string_view path) {
  std::string step;
  const auto is_dots = [&] { return step == "." || step == ".."; };
  for (std::size_t i = 0; i < path.size(); ++i) {
    const std::string_view escape = path.substr(i, 3);
    const bool dot = path[i] == '.' || iequals(escape, "%2E");
    const bool slash = path[i] == '/' || path[i] == '\\' || iequals(escape, "%2F") || iequals(escape, "%5C");
    if (path[i] == '%' && (dot || slash)) i += 2;
    if (slash && is_dots()) return true;
    if (slash) {
      step.clear();
    } else {
      step += dot ? '.' : path[i];
    }
  }
  return is_dots();
}

std::vector<schema::Problem> check_tool(const AdapterSpec& spec) {
  return Check(spec).run();
}

}  // namespace gw::model
