#include "model/tool_document.h"

#include <unordered_set>

#include "mcp/json_text.h"

namespace gw::model {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t deepest_text = 128;

schema::Object<ToolParameter> parameter_object() {
  using Place = ToolParameter::Place;
  schema::Object<ToolParameter> parameter;
  parameter
      .field("argument", &ToolParameter::argument, schema::text(), "The argument of the call, by its name.",
             {.required = true})
      .field("in", &ToolParameter::in,
             schema::choice<Place>({{"path", Place::path}, {"query", Place::query}, {"header", Place::header}}),
             "Where it goes instead of into the body.", {.required = true})
      .field("name", &ToolParameter::name, schema::text(), "Its name there. Without it that of the argument.");
  return parameter;
}

schema::Object<ToolSpec> make_object() {
  schema::Object<ToolSpec> tool;
  tool.field("tool", &ToolSpec::definition, schema::json_object(),
             "What clients see: a Tool object of MCP with `name` (that of the resource), `inputSchema` and whatever "
             "else it has. It is kept and shown as it was written.",
             {.required = true})
      .field("port", &ToolSpec::port, schema::port_number(), "Where a container listens. A URL or command has its own.")
      .field("path", &ToolSpec::path, schema::text(),
             "Where the tool is called: appended to the path of `url`, or the whole path on the port of a process. "
             "`{name}` stands for a parameter of the path.")
      .field("method", &ToolSpec::method, schema::one_of({"GET", "POST", "PUT", "PATCH", "DELETE"}),
             "How it is called.")
      .field("parameters", &ToolSpec::parameters, schema::list(parameter_object().type()),
             "Arguments that go into the path, the query or the head.")
      .field("bodyArgument", &ToolSpec::body_argument, schema::text(),
             "The argument that is the whole body. Without it the body is an object of all that are not in "
             "`parameters`.")
      .field("timeout", &ToolSpec::timeout, schema::duration(1ms, 24h), "How long a call may take, retries included.")
      .field("retries", &ToolSpec::retries, schema::small_count(0, 10),
             "How often a call that got no answer, or 502, 503 or 504, is repeated where the tool says that it is "
             "read-only or idempotent.");
  return tool;
}

std::string_view without_mark(std::string_view text) {
  constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";
  if (text.starts_with(byte_order_mark)) text.remove_prefix(byte_order_mark.size());
  return text;
}

// Of the value at the cursor, which is passed when it has none.
std::optional<std::string> repeated_name_at(mcp::JsonScanner& json) {
  std::string_view raw;
  switch (json.peek()) {
    case '{': {
      std::unordered_set<std::string> names;
      for (json.enter_object(); json.next_member(raw);) {
        const auto [name, is_new] = names.insert(mcp::json_unquote(raw));
        if (!is_new) return *name;
        if (auto repeated = repeated_name_at(json)) return repeated;
      }
      return {};
    }
    case '[':
      for (json.enter_array(); json.next_element();) {
        if (auto repeated = repeated_name_at(json)) return repeated;
      }
      return {};
    default: json.take(raw); return {};
  }
}

}  // namespace

const schema::Object<ToolSpec>& tool_spec_object() {
  static const auto object = make_object();
  return object;
}

std::string_view definition_in(std::string_view resource) {
  const std::string_view definition = mcp::json_member(without_mark(resource), "toolDefinition");
  if (!mcp::is_json_object(definition)) return {};
  return mcp::json_member(definition, "tool");
}

std::optional<std::string> repeated_name(std::string_view json) {
  mcp::JsonScanner scanner(without_mark(json), deepest_text);
  return repeated_name_at(scanner);
}

}  // namespace gw::model
