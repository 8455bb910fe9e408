#include "openapi/operation.h"

#include <algorithm>
#include <set>

#include <fmt/core.h>

#include "base/strings.h"
#include "json/json.h"
#include "jsonschema/schema.h"
#include "model/header_name.h"
#include "openapi/schema_import.h"

namespace gw::openapi {
namespace {

using boost::json::array;
using boost::json::object;
using boost::json::value;

constexpr std::size_t max_description = 4'096;
constexpr std::size_t max_depth = 26;  // Of a definition: what a configuration file still takes around it.

std::size_t depth_of(const value& value) {
  std::size_t deepest = 0;
  if (const auto* const list = value.if_array()) {
    for (const auto& item : *list) deepest = std::max(deepest, depth_of(item));
    return deepest + 1;
  }
  const auto* const parent = value.if_object();
  if (!parent) return 0;
  for (const auto& [name, content] : *parent) deepest = std::max(deepest, depth_of(content));
  return deepest + 1;
}

bool is_true(const value& parent, std::string_view name) {
  const value* const found = member(parent, name);
  return found && found->is_bool() && found->get_bool();
}

bool is_object_schema(const object& schema) {
  const value* const type = schema.if_contains("type");
  if (type) return type->is_string() && type->get_string() == "object";
  return schema.contains("properties");
}

// The first content that is JSON.
const value* json_content(const value& holder) {
  const value* const content = member(holder, "content");
  if (!content || !content->is_object()) return nullptr;
  for (const auto& [type, media] : content->get_object()) {
    const std::string lower = to_lower(std::string_view(type).substr(0, std::string_view(type).find(';')));
    if (lower == "application/json" || lower.ends_with("+json") || lower == "*/*" || lower == "application/*") {
      return &media;
    }
  }
  return nullptr;
}

std::string cut(std::string text) {
  if (text.size() <= max_description) return text;
  std::size_t end = max_description;
  while (end > 0 && (text[end] & 0xC0) == 0x80) --end;
  return text.substr(0, end) + "…";
}

class Import {
 public:
  Import(const Document& document, const Operation& operation, std::vector<std::string>& warnings)
      : document_(document),
        operation_(operation),
        warnings_(warnings),
        input_(document, SchemaImport::Direction::request, operation.where(), warnings) {}

  std::optional<object> run(std::string_view name) {
    note_what_is_lost();
    for (const value* const parameter : parameters()) take_parameter(*parameter);
    if (!take_body()) return {};
    if (!check_path()) return {};
    object tool = definition(name);
    for (const char* const schema : {"inputSchema", "outputSchema"}) {
      const value* const found = tool.if_contains(schema);
      if (found && !is_legal(schema, *found)) return {};
    }
    if (depth_of(tool) > max_depth) {
      give_up(fmt::format("its schemas are nested more than {} deep", max_depth));
      return {};
    }
    object out{{"path", path_}, {"method", operation_.method}};
    if (!places_.empty()) out["parameters"] = std::move(places_);
    if (!body_argument_.empty()) out["bodyArgument"] = body_argument_;
    out["tool"] = std::move(tool);
    return out;
  }

 private:
  void warn(std::string_view message) { warnings_.push_back(fmt::format("{}: {}", operation_.where(), message)); }

  bool give_up(std::string_view message) {
    warnings_.push_back(fmt::format("{} was left out: {}", operation_.where(), message));
    return false;
  }

  void note_what_is_lost() {
    if (member(operation_.operation, "callbacks")) warn("its callbacks are not imported");
  }

  // Those of the operation, and those of the path that it does not replace.
  std::vector<const value*> parameters() {
    std::vector<const value*> found;
    std::set<std::pair<std::string, std::string>> seen;
    for (const value* const holder : {&operation_.operation, &operation_.path_item}) {
      const value* const list = member(*holder, "parameters");
      if (!list || !list->is_array()) continue;
      for (const value& item : list->get_array()) {
        const value* const parameter = document_.resolve(item);
        if (!parameter) {
          warn("a parameter refers to nothing in this document and was left out");
        } else if (seen.emplace(text_of(*parameter, "in"), text_of(*parameter, "name")).second) {
          found.push_back(parameter);
        }
      }
    }
    return found;
  }

  void take_parameter(const value& parameter) {
    const std::string name = text_of(parameter, "name");
    const std::string in = text_of(parameter, "in");
    if (in != "path" && in != "query" && in != "header") {
      return warn(fmt::format("the parameter '{}' is in {}, where nothing can be put, and was left out",
                              printable(name, 80), in == "cookie" ? "a cookie" : "'" + printable(in, 40) + "'"));
    }
    const std::string lower = to_lower(name);
    // OpenAPI: they are described elsewhere.
    if (in == "header" && (lower == "accept" || lower == "content-type" || lower == "authorization")) return;
    if (in == "header" && is_credential(name)) return;
    if (in == "header" && model::is_kept_from_arguments(name)) {
      return warn(fmt::format("the parameter '{}' is a header that arguments cannot set, and was left out",
                              printable(name, 80)));
    }
    check_style(parameter, name, in);
    const std::string argument = free_name(name, in);
    properties_[argument] = parameter_schema(parameter);
    if (in == "path" || is_true(parameter, "required")) required_.emplace_back(argument);
    object place{{"argument", argument}, {"in", in}};
    if (argument != name) place["name"] = name;
    places_.push_back(std::move(place));
  }

  bool is_credential(std::string_view name) const {
    return std::ranges::any_of(operation_.credentials, [&](const auto& field) { return iequals(field.first, name); });
  }

  void check_style(const value& parameter, const std::string& name, const std::string& in) {
    const std::string style = text_of(parameter, "style");
    const bool usual = style.empty() || style == (in == "query" ? "form" : "simple");
    const value* const explode = member(parameter, "explode");
    const bool joined = in == "query" && explode && explode->is_bool() && !explode->get_bool();
    if (usual && !joined) return;
    warn(fmt::format("lists and objects in the parameter '{}' are not written in its style ({}{})", printable(name, 80),
                     style.empty() ? "form" : printable(style, 40), joined ? " without explode" : ""));
  }

  std::string free_name(const std::string& name, std::string_view place) const {
    std::string argument = name;
    if (properties_.contains(argument)) argument = fmt::format("{}_{}", place, name);
    const std::string base = argument;
    for (int n = 2; properties_.contains(argument); ++n) argument = fmt::format("{}_{}", base, n);
    return argument;
  }

  value parameter_schema(const value& parameter) {
    const value* schema = member(parameter, "schema");
    if (const value* const media = json_content(parameter); media && !schema) schema = member(*media, "schema");
    value converted = schema ? input_.convert(*schema) : value(object());
    if (!converted.is_object()) return converted;
    const std::string description = text_of(parameter, "description");
    if (!description.empty()) converted.get_object()["description"] = cut(description);
    return converted;
  }

  // False when the operation needs a body that cannot be made.
  bool take_body() {
    const value* const declared = member(operation_.operation, "requestBody");
    if (!declared) return true;
    const value* const body = document_.resolve(*declared);
    if (!body) return give_up("its requestBody refers to nothing in this document");
    const bool required = is_true(*body, "required");
    if (operation_.method == "GET") {
      warn("a GET has no body, so its requestBody was left out");
      return true;
    }
    const value* const media = json_content(*body);
    if (!media) {
      if (required) return give_up("its body is not JSON (" + content_types(*body) + ")");
      warn("its body is not JSON (" + content_types(*body) + ") and was left out");
      return true;
    }
    const value* const schema = member(*media, "schema");
    value converted = schema ? input_.convert(*schema) : value(object());
    if (!merge_body(converted, required)) {
      body_argument_ = free_name("body", "request");
      const std::string description = text_of(*body, "description");
      if (converted.is_object() && !description.empty() && !converted.get_object().contains("description")) {
        converted.get_object()["description"] = cut(description);
      }
      properties_[body_argument_] = std::move(converted);
      if (required) required_.emplace_back(body_argument_);
    }
    return true;
  }

  static std::string content_types(const value& body) {
    std::string out;
    const value* const content = member(body, "content");
    if (content && content->is_object()) {
      for (const auto& [type, media] : content->get_object()) {
        out += (out.empty() ? "" : ", ") + printable(std::string_view(type), 60);
      }
    }
    return out.empty() ? "no content" : out;
  }

  // Puts the members of a body that is a plain object beside the parameters.
  bool merge_body(const value& converted, bool required) {
    if (!converted.is_object() || !is_object_schema(converted.get_object())) return false;
    const object& schema = converted.get_object();
    constexpr std::string_view plain[] = {"type",        "properties",           "required",   "title",
                                          "description", "additionalProperties", "deprecated", "examples"};
    for (const auto& [keyword, content] : schema) {
      if (std::ranges::find(plain, std::string_view(keyword)) == std::end(plain)) return false;
    }
    const value* const members = schema.if_contains("properties");
    if (!members || members->get_object().empty()) return false;
    for (const auto& [name, content] : members->get_object()) {
      if (properties_.contains(name)) return false;
    }
    const value* const others = schema.if_contains("additionalProperties");
    const value* const needed = schema.if_contains("required");
    // An optional body is all or nothing, which a flat object cannot say.
    if (!required && needed) return false;
    for (const auto& [name, content] : members->get_object()) properties_[name] = content;
    if (needed) required_.insert(required_.end(), needed->get_array().begin(), needed->get_array().end());
    others_ = others ? *others : value(true);
    return true;
  }

  // What the gateway's paths may hold; anything else is encoded. Every hole needs its parameter.
  bool check_path() {
    for (const char c : operation_.path) {
      const bool plain = (ascii_lower(c) >= 'a' && ascii_lower(c) <= 'z') || (c >= '0' && c <= '9') ||
                         std::string_view("/_-.{}~%").find(c) != std::string_view::npos;
      path_ += plain ? std::string(1, c) : fmt::format("%{:02X}", static_cast<unsigned char>(c));
    }
    for (std::size_t at = path_.find('{'); at != std::string::npos; at = path_.find('{', at + 1)) {
      const std::size_t end = path_.find('}', at);
      if (end == std::string::npos) return give_up("its path has a { without }");
      if (!fills(path_.substr(at + 1, end - at - 1))) {
        return give_up(fmt::format("no parameter fills {} of its path", path_.substr(at, end - at + 1)));
      }
    }
    return true;
  }

  bool fills(std::string_view name) const {
    return std::ranges::any_of(places_, [&](const value& place) {
      const std::string sent = text_of(place, place.get_object().contains("name") ? "name" : "argument");
      return text_of(place, "in") == "path" && sent == name;
    });
  }

  object definition(std::string_view name) {
    const std::string summary = text_of(operation_.operation, "summary");
    const std::string description = text_of(operation_.operation, "description");
    object tool{{"name", name}};
    if (!summary.empty()) tool["title"] = cut(summary);
    const bool both = !summary.empty() && !description.empty();
    const std::string text = both ? summary + "\n\n" + description : summary + description;
    tool["description"] = cut(text.empty() ? operation_.where() : text);
    object input{{"type", "object"}, {"properties", std::move(properties_)}};
    if (!required_.empty()) input["required"] = std::move(required_);
    if (!others_.is_bool() || !others_.get_bool()) input["additionalProperties"] = std::move(others_);
    if (object definitions = input_.definitions(); !definitions.empty()) input["$defs"] = std::move(definitions);
    tool["inputSchema"] = std::move(input);
    if (auto output = output_schema()) tool["outputSchema"] = *std::move(output);
    if (object hints = annotations(); !hints.empty()) tool["annotations"] = std::move(hints);
    return tool;
  }

  // Of the only answer that means success, when it is an object: a promise that every call keeps.
  std::optional<object> output_schema() {
    const value* const responses = member(operation_.operation, "responses");
    if (!responses || !responses->is_object()) return {};
    const value* success = nullptr;
    for (const auto& [status, response] : responses->get_object()) {
      if (!status.starts_with('2')) continue;
      if (success) return {};
      success = document_.resolve(response);
    }
    const value* const media = success ? json_content(*success) : nullptr;
    const value* const schema = media ? member(*media, "schema") : nullptr;
    if (!schema) return {};
    const value* const target = document_.resolve(*schema);
    SchemaImport output(document_, SchemaImport::Direction::response, operation_.where(), warnings_);
    value converted = output.convert(*schema);
    if (!converted.is_object() || !target || !target->is_object() || !is_object_schema(target->get_object())) return {};
    object result{{"type", "object"}};
    for (auto& [keyword, content] : converted.get_object()) {
      if (keyword != "type") result[keyword] = content;
    }
    // What may be null is no promise of an object.
    const value* const type = converted.get_object().if_contains("type");
    if (type && type->is_array()) return {};
    if (object definitions = output.definitions(); !definitions.empty()) result["$defs"] = std::move(definitions);
    return result;
  }

  object annotations() const {
    const std::string& method = operation_.method;
    object hints;
    if (method == "GET") hints["readOnlyHint"] = true;
    if (method == "DELETE") hints["destructiveHint"] = true;
    if (method == "PUT" || method == "DELETE") hints["idempotentHint"] = true;
    return hints;
  }

  bool is_legal(std::string_view what, const value& schema) {
    const auto compiled = jsonschema::Schema::compile(json::to_text(schema));
    if (compiled) return true;
    return give_up(fmt::format("its {} is not valid: {}", what, jsonschema::to_text(compiled.error().front())));
  }

  const Document& document_;
  const Operation& operation_;
  std::vector<std::string>& warnings_;
  SchemaImport input_;
  std::string path_;
  object properties_;
  array required_;
  value others_ = false;  // additionalProperties of the arguments.
  array places_;
  std::string body_argument_;
};

}  // namespace

std::optional<object> import_operation(const Document& document, const Operation& operation, std::string_view name,
                                       std::vector<std::string>& warnings) {
  return Import(document, operation, warnings).run(name);
}

}  // namespace gw::openapi
