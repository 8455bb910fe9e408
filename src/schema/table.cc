#include "schema/table.h"

#include <algorithm>

#include <fmt/core.h>
#include <boost/json.hpp>

#include "base/strings.h"

namespace gw::schema {

const Field* Table::find(std::string_view name) const {
  const auto is_named = [name](const Field& field) {
    return field.name == name || std::ranges::find(field.options.aliases, name) != field.options.aliases.end();
  };
  const auto found = std::ranges::find_if(fields_, is_named);
  return found == fields_.end() ? nullptr : &*found;
}

std::string Table::unknown(std::string_view name) const {
  std::vector<std::string> names;
  for (const Field& field : fields_) {
    names.push_back(field.name);
    names.insert(names.end(), field.options.aliases.begin(), field.options.aliases.end());
  }
  std::string message = fmt::format("'{}' is not known here", printable(name, 60));
  if (const auto suggestion = nearest(name, names)) message += fmt::format("; did you mean '{}'?", *suggestion);
  return message;
}

void Table::read_unknown(const Member& member, Report& report) const {
  if (std::ranges::find(ignored_, member.name) != ignored_.end()) return;
  const auto refused = refused_.find(member.name);
  if (refused == refused_.end()) return report.add(member.mark, unknown(member.name));
  if (member.value->kind != Node::Kind::null) report.add(member.mark, refused->second);
}

void Table::read_member(const Member& member, void* value, std::vector<const Field*>& seen, Report& report) const {
  const Report::Inside inside(report, member.name);
  const Field* field = find(member.name);
  if (!field) return read_unknown(member, report);
  if (std::ranges::find(seen, field) != seen.end()) {
    return report.add(member.mark, fmt::format("'{}' is given twice under two names; keep one of them", field->name));
  }
  seen.push_back(field);
  if (member.value->kind == Node::Kind::null) {
    if (field->options.required)
      report.add(*member.value, fmt::format("'{}' is required and cannot be null", field->name));
    return;
  }
  field->type->read(*member.value, field->member(value), report);
}

void Table::read(const Node& node, void* value, Report& report) const {
  if (node.kind != Node::Kind::object) {
    return report.add(node, fmt::format("expected an object, found {}", describe(node.kind)));
  }
  std::vector<const Field*> seen;
  for (const Member& member : node.members) read_member(member, value, seen, report);
  for (const Field& field : fields_) {
    if (field.options.required && std::ranges::find(seen, &field) == seen.end()) {
      const Report::Inside inside(report, field.name);
      report.add(node, fmt::format("'{}' is missing", field.name));
    }
  }
}

boost::json::value Table::write(const void* value) const {
  boost::json::object object;
  for (const Field& field : fields_) object[field.name] = field.type->write(field.in(value));
  return object;
}

boost::json::value Table::default_of(const Field& field) const {
  const bool shown = !field.options.required && field.options.default_text.empty() && !field.type->table();
  if (!shown) return nullptr;
  return field.type->write(field.in(make_().get()));
}

namespace {

boost::json::object member_schema(const Field& field) {
  boost::json::object described{{"description", field.doc}};
  for (auto& [name, member] : field.type->json_schema()) described[name] = member;
  return described;
}

}  // namespace

boost::json::object Table::json_schema() const {
  boost::json::object properties;
  boost::json::array required;
  for (const Field& field : fields_) {
    auto described = member_schema(field);
    if (auto value = default_of(field); !value.is_null()) described["default"] = std::move(value);
    for (const auto& alias : field.options.aliases) {
      auto alternative = described;
      alternative["description"] = fmt::format("Another name for {}. {}", field.name, field.doc);
      properties[alias] = std::move(alternative);
    }
    properties[field.name] = std::move(described);
    if (field.options.required) required.emplace_back(field.name);
  }
  boost::json::object schema{
      {"type", "object"}, {"properties", std::move(properties)}, {"additionalProperties", false}};
  if (!required.empty()) schema["required"] = std::move(required);
  return schema;
}

}  // namespace gw::schema
