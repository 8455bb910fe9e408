#include <algorithm>
#include <iterator>

#include "base/sha256.h"
#include "base/strings.h"
#include "catalogue/input_schema.h"
#include "catalogue/item.h"
#include "catalogue/json_key.h"
#include "catalogue/uri_template.h"
#include "mcp/json_text.h"

namespace gw::catalogue {
namespace {

// A member to look for, and where its raw value goes; empty when there is none.
struct Wanted {
  std::string_view key;
  std::string_view* value;
};

Result<> read_members(std::string_view object, std::size_t max_depth, std::initializer_list<Wanted> wanted) {
  mcp::JsonScanner json(object, max_depth);
  std::string_view key, value;
  for (json.enter_object(); json.next_member(key);) {
    const auto found = std::ranges::find_if(wanted, [&](const Wanted& w) { return is_key(key, w.key); });
    json.take(value);
    if (json.failed() || found == wanted.end()) continue;
    if (!found->value->empty()) return fail(Errc::invalid, "it has the member '{}' twice", found->key);
    *found->value = value;
  }
  if (!json.finish()) return fail(Errc::invalid, "it cannot be read: {}", json.problem());
  return {};
}

Result<std::string> read_text(std::string_view raw, std::string_view member) {
  if (raw.empty()) return "";
  if (!mcp::is_json_string(raw)) return fail(Errc::invalid, "its {} is not a string", member);
  return mcp::json_unquote(raw);
}

// Sets `hint` when the server gives it.
Result<> read_hint(std::string_view raw, std::string_view member, bool& hint) {
  if (raw.empty()) return {};
  if (raw != "true" && raw != "false") return fail(Errc::invalid, "its annotation {} is not true or false", member);
  hint = raw == "true";
  return {};
}

std::string_view without_blanks(std::string_view text) {
  constexpr std::string_view blanks = " \t\r\n";
  const auto first = text.find_first_not_of(blanks);
  return first == std::string_view::npos ? "" : text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

class Reader {
 public:
  Reader(Kind kind, std::string_view json, const DefinitionLimits& limits) : limits_(limits) {
    item_.kind = kind;
    item_.json = without_blanks(json);
  }

  Result<Definition> run() {
    const std::string_view json = item_.json;
    if (json.size() > limits_.max_bytes) {
      return fail(Errc::invalid, "it has {} bytes, {} are allowed", json.size(), limits_.max_bytes);
    }
    if (!mcp::is_json_object(json)) return fail(Errc::invalid, "it is not a JSON object");
    if (!is_utf8(json)) return fail(Errc::invalid, "it is not UTF-8");
    std::string_view title, description;
    GW_TRY_OK(read_members(json, limits_.max_depth,
                           {{"name", &name_},
                            {"title", &title},
                            {"description", &description},
                            {"uri", &uri_},
                            {"uriTemplate", &uri_template_},
                            {"inputSchema", &input_schema_},
                            {"annotations", &annotations_},
                            {"arguments", &arguments_}}));
    GW_TRY(item_.title, read_text(title, "title"));
    GW_TRY(item_.description, read_text(description, "description"));
    GW_TRY_OK(read_name());
    GW_TRY_OK(read_rest());
    item_.hash = sha256_hex(json);
    return std::move(item_);
  }

 private:
  Result<> read_name() {
    GW_TRY(std::string name, read_text(name_, "name"));
    if (name.empty()) return fail(Errc::invalid, "it has no name");
    const bool is_resource = item_.kind == Kind::resource;
    if (!is_resource && item_.kind != Kind::resource_template) return set_name(std::move(name), limits_.max_name);
    const std::string_view member = is_resource ? "uri" : "uriTemplate";
    GW_TRY(std::string address, read_text(is_resource ? uri_ : uri_template_, member));
    if (address.empty()) return fail(Errc::invalid, "it has no {}", member);
    if (item_.title.empty()) item_.title = std::move(name);
    return set_name(std::move(address), limits_.max_address);
  }

  Result<> set_name(std::string name, std::size_t longest) {
    if (name.size() > longest) {
      return fail(Errc::invalid, "its name has {} bytes, {} are allowed", name.size(), longest);
    }
    item_.name = std::move(name);
    return {};
  }

  Result<> read_rest() {
    switch (item_.kind) {
      case Kind::tool: return read_tool();
      case Kind::prompt: return read_arguments();
      case Kind::resource: return {};
      case Kind::resource_template:
        if (UriTemplate::parse(item_.name)) return {};
        return fail(Errc::invalid, "its uriTemplate is not an RFC 6570 template with at most {} expressions",
                    UriTemplate::max_expressions);
    }
    return {};
  }

  Result<> read_tool() {
    if (input_schema_.empty()) return fail(Errc::invalid, "it has no inputSchema");
    GW_TRY(InputSchema schema, read_input_schema(input_schema_, limits_.max_depth));
    item_.parameters = std::move(schema.parameters);
    item_.mirrored = std::move(schema.mirrored);
    item_.input_schema_is_plain = schema.is_plain;
    item_.mirror_problem = std::move(schema.mirror_problem);
    return read_annotations();
  }

  Result<> read_annotations() {
    if (annotations_.empty()) return {};
    if (!mcp::is_json_object(annotations_)) return fail(Errc::invalid, "its annotations are not an object");
    std::string_view title, read_only, destructive, idempotent, open_world;
    GW_TRY_OK(read_members(annotations_, limits_.max_depth,
                           {{"title", &title},
                            {"readOnlyHint", &read_only},
                            {"destructiveHint", &destructive},
                            {"idempotentHint", &idempotent},
                            {"openWorldHint", &open_world}}));
    GW_TRY(std::string annotated_title, read_text(title, "annotations.title"));
    if (item_.title.empty()) item_.title = std::move(annotated_title);
    GW_TRY_OK(read_hint(read_only, "readOnlyHint", item_.hints.read_only));
    GW_TRY_OK(read_hint(destructive, "destructiveHint", item_.hints.destructive));
    GW_TRY_OK(read_hint(idempotent, "idempotentHint", item_.hints.idempotent));
    return read_hint(open_world, "openWorldHint", item_.hints.open_world);
  }

  Result<> read_arguments() {
    if (arguments_.empty()) return {};
    if (!arguments_.starts_with('[')) return fail(Errc::invalid, "its arguments are not a list");
    mcp::JsonScanner json(arguments_, limits_.max_depth);
    std::string_view argument;
    for (json.enter_array(); json.next_element();) {
      json.take(argument);
      std::string_view name;
      if (!mcp::is_json_object(argument)) return fail(Errc::invalid, "one of its arguments is not an object");
      GW_TRY_OK(read_members(argument, limits_.max_depth, {{"name", &name}}));
      if (!mcp::is_json_string(name)) return fail(Errc::invalid, "one of its arguments has no name");
      item_.parameters.push_back(mcp::json_unquote(name));
    }
    return {};
  }

  const DefinitionLimits& limits_;
  Definition item_;
  // Raw values, borrowed from item_.json.
  std::string_view name_, uri_, uri_template_, input_schema_, annotations_, arguments_;
};

}  // namespace

std::string_view list_member(Kind kind) {
  switch (kind) {
    case Kind::tool: return "tools";
    case Kind::prompt: return "prompts";
    case Kind::resource: return "resources";
    case Kind::resource_template: return "resourceTemplates";
  }
  return "";
}

std::string_view to_string(Kind kind) {
  switch (kind) {
    case Kind::tool: return "tool";
    case Kind::prompt: return "prompt";
    case Kind::resource: return "resource";
    case Kind::resource_template: return "resourceTemplate";
  }
  return "";
}

std::optional<Kind> kind_named(std::string_view name) {
  for (const Kind kind : {Kind::tool, Kind::prompt, Kind::resource, Kind::resource_template}) {
    if (to_string(kind) == name) return kind;
  }
  return {};
}

Result<Definition> read_definition(Kind kind, std::string_view json, const DefinitionLimits& limits) {
  return Reader(kind, json, limits).run();
}

}  // namespace gw::catalogue
