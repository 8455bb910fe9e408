#include "tools/tool_cache.h"

#include "catalogue/item.h"
#include "mcp/json_text.h"

namespace gw::tools {
namespace {

Result<jsonschema::Schema> compile(std::string_view definition, std::string_view member) {
  auto schema = jsonschema::Schema::compile(mcp::json_member(definition, member));
  if (schema) return *std::move(schema);
  std::string sentences;
  for (const auto& problem : schema.error()) {
    sentences += fmt::format("{}{}{}: {}", sentences.empty() ? "" : "; ", member, problem.path, problem.message);
  }
  return fail(Errc::invalid, "its definition cannot be used: {}", sentences);
}

}  // namespace

Result<ToolPtr> compile_tool(std::shared_ptr<const model::ToolSpec> spec) {
  GW_TRY(const auto definition, catalogue::read_definition(catalogue::Kind::tool, spec->definition));
  GW_TRY(auto input, compile(spec->definition, "inputSchema"));
  std::optional<jsonschema::Schema> output;
  if (!mcp::json_member(spec->definition, "outputSchema").empty()) {
    GW_TRY(output, compile(spec->definition, "outputSchema"));
  }
  const bool repeatable = definition.hints.read_only || definition.hints.idempotent;
  return std::make_shared<const Tool>(std::move(spec), std::move(input), std::move(output), repeatable);
}

Result<ToolPtr> ToolCache::find(const routing::AdapterRoute& route) {
  if (const auto known = tools_.find(route.name); known != tools_.end()) {
    const auto& spec = known->second->spec;
    if (spec.get() == route.tool.get() || *spec == *route.tool) return known->second;
  }
  GW_TRY(auto tool, compile_tool(route.tool));
  if (tools_.size() >= max_tools) tools_.clear();
  tools_.insert_or_assign(route.name, tool);
  return tool;
}

}  // namespace gw::tools
