#include "model/adapter_json.h"

#include <algorithm>

#include <fmt/core.h>
#include <boost/json.hpp>

#include "base/strings.h"
#include "json/json.h"
#include "json/timestamp.h"
#include "model/adapter_check.h"
#include "model/adapter_document.h"
#include "model/secrets.h"
#include "model/tool_document.h"

namespace gw::model {
namespace {

constexpr std::size_t largest_body = 4 << 20;
constexpr std::size_t deepest_tool = 64;  // Nested lists and objects of a resource with a definition.

using Table = schema::Object<AdapterDocument>;

const Table& table_of(const AdapterSpec& spec) {
  return spec.tool ? tool_object() : adapter_object();
}

boost::json::object members_of(const AdapterSpec& spec) {
  const AdapterDocument document = to_document(spec);
  return table_of(spec).table().write(&document).as_object();
}

// As text, with the bytes of the definition of a tool.
std::string text_of(const boost::json::object& members, const AdapterSpec& spec) {
  std::string text;
  for (const auto& [name, value] : members) {
    text += (text.empty() ? '{' : ',') + json_quote(name) + ':';
    if (spec.tool && name == "tool") {
      text += spec.tool->definition;
    } else if (spec.tool && name == "toolDefinition") {
      text += text_of(value.as_object(), spec);
    } else {
      text += json::to_text(value);
    }
  }
  return text + '}';
}

// What the document says, and what is wrong with its shape. `text` is that of `value`.
AdapterSpec read_spec(std::string_view text, const boost::json::value& value, const Table& table,
                      std::vector<schema::Problem>& problems) {
  AdapterDocument document;
  schema::Report report;
  table.table().read(*schema::node_of(value), &document, report);
  if (document.tool && !document.tool->definition.empty()) document.tool->definition = definition_in(text);
  problems = report.take();
  return to_spec(std::move(document), problems);
}

// Problems of the values, except those that may only follow from the shape: of a field whose shape is wrong, or of the
// whole while some field is.
void add_problems(std::vector<schema::Problem>& problems, std::vector<schema::Problem> further) {
  const bool misshapen = !problems.empty();
  for (schema::Problem& problem : further) {
    if (misshapen && problem.field.empty()) continue;
    const bool known =
        std::any_of(problems.begin(), problems.end(), [&](const auto& p) { return p.field == problem.field; });
    if (!known) problems.push_back(std::move(problem));
  }
}

boost::json::object read_only(boost::json::object schema) {
  schema["readOnly"] = true;
  return schema;
}

ReadSpec read_body(std::string_view body, const json::ParseOptions& options, const Table& table,
                   const AdapterSpec* stored) {
  const auto value = json::parse(body, options);
  if (!value) return std::unexpected(std::vector{schema::Problem{"", value.error().message(), {}}});
  std::vector<schema::Problem> problems;
  AdapterSpec spec = read_spec(body, *value, table, problems);
  if (stored) keep_redacted(spec, *stored);
  add_problems(problems, check_adapter(spec));
  if (!problems.empty()) return std::unexpected(std::move(problems));
  return spec;
}

}  // namespace

ReadSpec read_adapter(std::string_view body, const AdapterSpec* stored) {
  return read_body(body, {.max_bytes = largest_body, .max_depth = 16}, adapter_object(), stored);
}

ReadSpec read_tool(std::string_view body, const AdapterSpec* stored) {
  auto spec = read_body(body, {.max_bytes = largest_body, .max_depth = deepest_tool}, tool_object(), stored);
  const auto repeated = spec ? repeated_name(body) : std::nullopt;
  if (!repeated) return spec;
  return std::unexpected(std::vector{
      schema::Problem{"", fmt::format("an object has the member '{}' twice", printable(*repeated, 80)), {}}});
}

std::string resource_text(const Adapter& adapter) {
  const std::string_view last_established = adapter.spec.tool ? "toolDefinition" : "requiredRoles";
  boost::json::object resource{{"id", adapter.spec.name}};
  for (auto& [name, value] : members_of(shown_to_readers(adapter.spec))) {
    resource[name] = std::move(value);
    if (name != last_established) continue;
    resource["createdBy"] = adapter.created_by;
    resource["createdAt"] = json::format_timestamp(adapter.created_at);
    resource["lastUpdatedAt"] = json::format_timestamp(adapter.last_updated_at);
  }
  resource["origin"] = boost::json::string(to_string(adapter.origin));
  return text_of(resource, adapter.spec);
}

boost::json::object request_schema(const schema::Object<AdapterDocument>& object) {
  return object.table().json_schema();
}

boost::json::object resource_schema(const schema::Object<AdapterDocument>& object) {
  auto schema = request_schema(object);
  auto& properties = schema["properties"].as_object();
  const AdapterDocument absent = to_document({});
  boost::json::array required;
  for (const auto& field : object.table().fields()) {
    auto& property = properties[field.name].as_object();
    property.erase("default");
    if (!field.options.required && field.type->write(field.in(&absent)).is_null()) {
      property = {{"description", property["description"]},
                  {"anyOf", {boost::json::object(property), {{"type", "null"}}}}};
    }
    required.emplace_back(field.name);
  }
  const boost::json::object text{{"type", "string"}};
  const boost::json::object time{{"type", "string"}, {"format", "date-time"}};
  properties["id"] = read_only(text);
  properties["createdBy"] = read_only(text);
  properties["createdAt"] = read_only(time);
  properties["lastUpdatedAt"] = read_only(time);
  properties["origin"] = read_only({{"type", "string"}, {"enum", {"api", "file"}}});
  for (const char* name : {"id", "createdBy", "createdAt", "lastUpdatedAt", "origin"}) required.emplace_back(name);
  schema["required"] = std::move(required);
  return schema;
}

std::string stored_text(const AdapterSpec& spec) {
  return text_of(members_of(spec), spec);
}

Result<AdapterSpec> spec_of_stored_text(std::string_view text) {
  const auto value = json::parse(text, {.max_bytes = 2 * largest_body, .max_depth = deepest_tool});
  if (!value) return std::unexpected(value.error().within("a stored adapter cannot be read"));
  std::vector<schema::Problem> problems;
  const bool is_tool = value->is_object() && value->as_object().contains("toolDefinition");
  AdapterSpec spec = read_spec(text, *value, is_tool ? tool_object() : adapter_object(), problems);
  if (problems.empty()) return spec;
  const auto& first = problems.front();
  return fail(Errc::internal, "a stored adapter cannot be read: {}: {}", first.field, first.message);
}

}  // namespace gw::model
