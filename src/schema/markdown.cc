#include "schema/markdown.h"

#include <fmt/core.h>
#include <boost/json.hpp>

#include "json/json.h"

namespace gw::schema {
namespace {

std::string default_cell(const Table& table, const Field& field) {
  if (!field.options.default_text.empty()) return field.options.default_text;
  if (field.options.required) return "required";
  const auto value = table.default_of(field);
  if (value.is_null()) return "";
  if (value.is_string() && value.get_string().empty()) return "";
  return fmt::format("`{}`", value.is_string() ? std::string(value.get_string()) : json::to_text(value));
}

std::string name_cell(const Field& field) {
  std::string cell = fmt::format("`{}`", field.name);
  for (const auto& alias : field.options.aliases) cell += fmt::format(", `{}`", alias);
  return cell;
}

void write_table(std::string& out, const Table& table) {
  out += "| name | type | default | meaning |\n|---|---|---|---|\n";
  for (const Field& field : table.fields()) {
    out += fmt::format("| {} | {} | {} | {}{} |\n", name_cell(field), field.type->name(), default_cell(table, field),
                       field.doc, field.options.restart ? " *Needs a restart.*" : "");
  }
  out += '\n';
}

void write_sections(std::string& out, const Table& table, const std::string& path, int level) {
  for (const Field& field : table.fields()) {
    const Table* nested = field.type->table();
    if (!nested) continue;
    const bool listed = field.type->name().starts_with("list");
    const std::string here = path + field.name + (listed ? "[]" : "");
    out += fmt::format("{} `{}`\n\n{}\n\n", std::string(static_cast<std::size_t>(level), '#'), here, field.doc);
    write_table(out, *nested);
    write_sections(out, *nested, here + ".", level + 1);
  }
}

}  // namespace

std::string markdown_reference(const Table& table, int level) {
  std::string out;
  write_table(out, table);
  write_sections(out, table, "", level);
  return out;
}

}  // namespace gw::schema
