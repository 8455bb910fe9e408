#include "openapi/schema_import.h"

#include <algorithm>

#include <fmt/core.h>

#include "base/strings.h"
#include "jsonschema/pattern.h"

namespace gw::openapi {
namespace {

using boost::json::array;
using boost::json::object;
using boost::json::value;

constexpr std::size_t max_inlined = 2'000;  // Schemas of one tool; past it references go into $defs.
constexpr std::size_t max_depth = 8;        // The same for schemas within schemas.

template <std::size_t N>
bool is_one_of(std::string_view word, const std::string_view (&words)[N]) {
  return std::ranges::find(words, word) != std::end(words);
}

constexpr std::string_view single[] = {
    "additionalProperties", "contains", "else", "if", "items", "not", "then", "propertyNames", "unevaluatedItems",
    "unevaluatedProperties"};
constexpr std::string_view lists[] = {"allOf", "anyOf", "oneOf", "prefixItems"};
constexpr std::string_view copied[] = {"const",
                                       "contentEncoding",
                                       "contentMediaType",
                                       "default",
                                       "dependentRequired",
                                       "deprecated",
                                       "description",
                                       "enum",
                                       "examples",
                                       "format",
                                       "maxContains",
                                       "maxItems",
                                       "maxLength",
                                       "maxProperties",
                                       "maximum",
                                       "minContains",
                                       "minItems",
                                       "minLength",
                                       "minProperties",
                                       "minimum",
                                       "multipleOf",
                                       "readOnly",
                                       "title",
                                       "type",
                                       "uniqueItems",
                                       "writeOnly",
                                       "exclusiveMaximum",
                                       "exclusiveMinimum"};
constexpr std::string_view annotations[] = {"default",  "deprecated", "description", "examples",
                                            "readOnly", "title",      "writeOnly"};

bool is_true(const object& schema, std::string_view name) {
  const value* const found = schema.if_contains(name);
  return found && found->is_bool() && found->get_bool();
}

// What `$ref` may have beside it without meaning more than a comment.
bool is_annotation(std::string_view keyword) {
  return is_one_of(keyword, annotations) || keyword == "example" || keyword.starts_with("x-") || keyword == "summary";
}

}  // namespace

void SchemaImport::warn(std::string message) {
  warnings_.push_back(fmt::format("{}: {}", where_, message));
}

value SchemaImport::convert(const value& schema) {
  if (!schema.is_object()) return schema.is_bool() ? schema : value(true);
  ++size_;
  ++depth_;
  const std::string reference = text_of(schema, "$ref");
  value out = reference.empty() ? convert_object(schema.get_object()) : convert_reference(schema, reference);
  --depth_;
  return out;
}

value SchemaImport::convert_reference(const value& schema, const std::string& reference) {
  const value* const target = document_.find(reference);
  if (!target) {
    warn(fmt::format("the reference '{}' leads to nothing in this document, so anything is accepted there",
                     printable(reference, 120)));
    return object();
  }
  object beside;
  bool is_comment = true;
  for (const auto& [keyword, content] : schema.get_object()) {
    if (keyword == "$ref") continue;
    beside[keyword] = content;
    is_comment = is_comment && is_annotation(keyword);
  }
  const bool inlined = !is_recursive(*target) && size_ < max_inlined && depth_ < max_depth;
  value out = inlined ? convert(*target) : object{{"$ref", "#/$defs/" + definition_name(reference, *target)}};
  if (beside.empty()) return out;
  value more = convert_object(beside);
  if (!is_comment || !out.is_object()) {
    more.get_object()["allOf"] = array{std::move(out)};
    return more;
  }
  for (auto& [keyword, content] : more.get_object()) out.get_object()[keyword] = content;
  return out;
}

value SchemaImport::convert_object(const object& schema) {
  object out;
  for (const auto& [keyword, content] : schema) convert_keyword(schema, keyword, content, out);
  if (is_true(schema, "nullable")) make_nullable(out);
  return out;
}

void SchemaImport::convert_keyword(const object& schema, std::string_view keyword, const value& content, object& out) {
  if (keyword == "properties") return convert_properties(content, out);
  if (keyword == "patternProperties" || keyword == "dependentSchemas") {
    if (content.is_object()) out[keyword] = convert_map(content);
  } else if (keyword == "items" && content.is_array()) {
    out["prefixItems"] = array();
    for (const value& item : content.get_array()) out["prefixItems"].get_array().push_back(convert(item));
  } else if (is_one_of(keyword, single)) {
    out[keyword] = convert(content);
  } else if (is_one_of(keyword, lists)) {
    if (!content.is_array() || content.get_array().empty()) return;
    array converted;
    for (const value& item : content.get_array()) converted.push_back(convert(item));
    out[keyword] = std::move(converted);
  } else if ((keyword == "exclusiveMinimum" || keyword == "exclusiveMaximum") && content.is_bool()) {
    const std::string_view bound = keyword == "exclusiveMinimum" ? "minimum" : "maximum";
    const value* const limit = schema.if_contains(bound);
    if (content.get_bool() && limit) out[keyword] = *limit;
  } else if (keyword == "minimum" || keyword == "maximum") {
    if (!is_true(schema, keyword == "minimum" ? "exclusiveMinimum" : "exclusiveMaximum")) out[keyword] = content;
  } else if (keyword == "required") {
    if (!content.is_array() || out.contains("required")) return;
    array names;
    const value* const properties = schema.if_contains("properties");
    for (const value& name : content.get_array()) {
      const value* const property = properties && name.is_string() ? member(*properties, name.get_string()) : nullptr;
      if (property && is_left_out(*property)) continue;
      if (std::ranges::find(names, name) == names.end()) names.push_back(name);
    }
    if (!names.empty()) out["required"] = std::move(names);
  } else if (keyword == "pattern") {
    const auto pattern = content.is_string() ? jsonschema::Pattern::compile(content.get_string())
                                             : std::unexpected(std::string("a pattern is no string"));
    if (pattern) {
      out[keyword] = content;
    } else {
      warn("a pattern was left out: " + pattern.error());
    }
  } else if (keyword == "example") {
    out["examples"] = array{content};
  } else if (is_one_of(keyword, copied)) {
    out[keyword] = content;
  }
}

value SchemaImport::convert_map(const value& map) {
  object out;
  for (const auto& [name, schema] : map.get_object()) out[name] = convert(schema);
  return out;
}

void SchemaImport::convert_properties(const value& map, object& out) {
  if (!map.is_object()) return;
  object properties;
  for (const auto& [name, schema] : map.get_object()) {
    if (!is_left_out(schema)) properties[name] = convert(schema);
  }
  out["properties"] = std::move(properties);
}

// A request holds nothing that only the service sets, an answer nothing that only clients set.
bool SchemaImport::is_left_out(const value& property) const {
  const value* const resolved = document_.resolve(property);
  const std::string_view name = direction_ == Direction::request ? "readOnly" : "writeOnly";
  const auto says = [&](const value* schema) {
    const value* const found = schema ? member(*schema, name) : nullptr;
    return found && found->is_bool() && found->get_bool();
  };
  return says(&property) || says(resolved);
}

void SchemaImport::make_nullable(object& out) {
  if (value* const choices = out.if_contains("enum"); choices && choices->is_array()) {
    if (std::ranges::find(choices->get_array(), value(nullptr)) == choices->get_array().end()) {
      choices->get_array().push_back(nullptr);
    }
  }
  value* const type = out.if_contains("type");
  if (type && type->is_string()) {
    *type = array{*type, "null"};
  } else if (!type && !out.empty() && !out.contains("enum")) {
    object inner = std::move(out);
    out = object{{"anyOf", array{std::move(inner), object{{"type", "null"}}}}};
  }
}

bool SchemaImport::reaches(const value& from, const value& target, std::vector<const void*>& visited) const {
  if (const auto* const list = from.if_array()) {
    return std::ranges::any_of(*list, [&](const value& item) { return reaches(item, target, visited); });
  }
  const auto* const parent = from.if_object();
  if (!parent) return false;
  if (const std::string reference = text_of(from, "$ref"); !reference.empty()) {
    const value* const next = document_.find(reference);
    if (next == &target) return true;
    if (next && std::ranges::find(visited, next) == visited.end()) {
      visited.push_back(next);
      if (reaches(*next, target, visited)) return true;
    }
  }
  return std::ranges::any_of(*parent, [&](const auto& pair) { return reaches(pair.value(), target, visited); });
}

bool SchemaImport::is_recursive(const value& target) {
  const auto [known, added] = recursive_.emplace(&target, false);
  if (added) {
    std::vector<const void*> visited;
    known->second = reaches(target, target, visited);
  }
  return known->second;
}

std::string SchemaImport::definition_name(const std::string& reference, const value& target) {
  if (const auto known = names_.find(&target); known != names_.end()) return known->second;
  std::string base;
  for (const char c : std::string_view(reference).substr(reference.rfind('/') + 1)) {
    const bool plain =
        (ascii_lower(c) >= 'a' && ascii_lower(c) <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
    base += plain ? c : '_';
  }
  std::string name = base;
  const auto is_taken = [&] {
    return std::ranges::any_of(names_, [&](const auto& pair) { return pair.second == name; });
  };
  for (int n = 2; is_taken(); ++n) name = fmt::format("{}_{}", base, n);
  names_.emplace(&target, name);
  waiting_.push_back(&target);
  return name;
}

object SchemaImport::definitions() {
  object out;
  while (!waiting_.empty()) {
    const value* const next = waiting_.back();
    waiting_.pop_back();
    out[names_.at(next)] = convert(*next);
  }
  return out;
}

}  // namespace gw::openapi
