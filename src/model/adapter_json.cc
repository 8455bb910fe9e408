#include "model/adapter_json.h"

#include <algorithm>

#include <boost/json.hpp>

#include "json/json.h"
#include "json/timestamp.h"
#include "model/adapter_check.h"
#include "model/adapter_document.h"
#include "model/secrets.h"

namespace gw::model {
namespace {

constexpr std::size_t largest_body = 4 << 20;
// After this member the established API has the three about creation; what follows is ours.
constexpr std::string_view last_established_member = "requiredRoles";

boost::json::object members_of(const AdapterSpec& spec) {
  const AdapterDocument document = to_document(spec);
  return adapter_object().table().write(&document).as_object();
}

// What the document says, and what is wrong with its shape.
AdapterSpec read_spec(const boost::json::value& value, std::vector<schema::Problem>& problems) {
  AdapterDocument document;
  schema::Report report;
  adapter_object().table().read(*schema::node_of(value), &document, report);
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

}  // namespace

std::expected<AdapterSpec, std::vector<schema::Problem>> read_adapter(std::string_view body,
                                                                      const AdapterSpec* stored) {
  const auto value = json::parse(body, {.max_bytes = largest_body, .max_depth = 16});
  if (!value) return std::unexpected(std::vector{schema::Problem{"", value.error().message(), {}}});
  std::vector<schema::Problem> problems;
  AdapterSpec spec = read_spec(*value, problems);
  if (stored) keep_redacted(spec, *stored);
  add_problems(problems, check_adapter(spec));
  if (!problems.empty()) return std::unexpected(std::move(problems));
  return spec;
}

boost::json::object adapter_json(const Adapter& adapter) {
  boost::json::object resource{{"id", adapter.spec.name}};
  for (auto& [name, value] : members_of(shown_to_readers(adapter.spec))) {
    resource[name] = std::move(value);
    if (name != last_established_member) continue;
    resource["createdBy"] = adapter.created_by;
    resource["createdAt"] = json::format_timestamp(adapter.created_at);
    resource["lastUpdatedAt"] = json::format_timestamp(adapter.last_updated_at);
  }
  resource["origin"] = boost::json::string(to_string(adapter.origin));
  return resource;
}

boost::json::object adapter_request_schema() {
  return adapter_object().table().json_schema();
}

boost::json::object adapter_resource_schema() {
  auto schema = adapter_request_schema();
  auto& properties = schema["properties"].as_object();
  const auto& fields = adapter_object().table().fields();
  boost::json::array required;
  for (const auto& field : fields) {
    auto& property = properties[field.name].as_object();
    property.erase("default");
    const Adapter absent;
    if (members_of(absent.spec)[field.name].is_null()) {
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
  return json::to_text(members_of(spec));
}

Result<AdapterSpec> spec_of_stored_text(std::string_view text) {
  const auto value = json::parse(text, {.max_bytes = 2 * largest_body});
  if (!value) return std::unexpected(value.error().within("a stored adapter cannot be read"));
  std::vector<schema::Problem> problems;
  AdapterSpec spec = read_spec(*value, problems);
  if (problems.empty()) return spec;
  const auto& first = problems.front();
  return fail(Errc::internal, "a stored adapter cannot be read: {}: {}", first.field, first.message);
}

}  // namespace gw::model
