#include "federation/target.h"

#include <algorithm>

#include <fmt/ranges.h>

#include "base/strings.h"
#include "catalogue/page.h"
#include "catalogue/uri_template.h"
#include "federation/results.h"
#include "mcp/json_text.h"
#include "policy/arguments.h"

namespace gw::federation {
namespace {

using catalogue::Item;
using catalogue::Kind;
using peer::Outcome;
using policy::ItemKind;

constexpr int resource_not_found = -32002;
constexpr std::string_view mirror_prefix = "Mcp-Param-";

Outcome::Failure no_subject(std::string_view method) {
  return {mcp::code::invalid_params, fmt::format("Invalid params: {} does not say what it is about.", method), {}};
}

std::expected<Target, Outcome::Failure> find_named(const Caller& caller, Visibility& visible, Kind kind,
                                                   std::string_view raw, std::string_view method) {
  if (!mcp::is_json_string(raw)) return std::unexpected(no_subject(method));
  const std::string name = mcp::json_unquote(raw);
  const Item* const item = caller.snapshot().find(kind, name);
  if (item == nullptr || !catalogue::suits(*item, caller.era) || !visible.shows(*item)) {
    return std::unexpected(unknown_item(caller, visible, policy_kind(kind), name));
  }
  return Target{item, policy_kind(kind), item->adapter, name, item->upstream_name};
}

// An address that the configuration hides, or that waits for an approval, is not readable under its mapped form either.
// `by_template`: a template that is offered fits it, so one that is not says nothing.
bool is_hidden(const catalogue::Snapshot& snapshot, std::string_view adapter, std::string_view upstream_uri,
               bool by_template) {
  return std::ranges::any_of(snapshot.hidden(), [&](const catalogue::Hidden& hidden) {
    const bool counts =
        hidden.why == catalogue::Hidden::Why::override_ || hidden.why == catalogue::Hidden::Why::quarantined;
    if (!counts || hidden.adapter != adapter) return false;
    if (hidden.kind == Kind::resource) return hidden.upstream_name == upstream_uri;
    if (hidden.kind != Kind::resource_template || by_template) return false;
    const auto pattern = catalogue::UriTemplate::parse(hidden.upstream_name);
    return pattern && pattern->matches(upstream_uri);
  });
}

// What the rules go by where no list has it.
Item unlisted_resource(const Caller& caller, const Target& target) {
  Item item;
  item.kind = Kind::resource;
  item.adapter = target.source;
  item.name = target.name;
  item.upstream_name = target.upstream_name;
  const auto server = caller.offer->servers.find(target.source);
  if (server != caller.offer->servers.end()) item.tags = server->second.tags;
  return item;
}

std::expected<Target, Outcome::Failure> find_reference(const Caller& caller, Visibility& visible,
                                                       const mcp::Message& m) {
  const std::string_view type = mcp::json_member(m.ref, "type");
  if (type == R"("ref/prompt")") {
    return find_named(caller, visible, Kind::prompt, mcp::json_member(m.ref, "name"), m.method);
  }
  const std::string_view uri = mcp::json_member(m.ref, "uri");
  if (type != R"("ref/resource")" || !mcp::is_json_string(uri)) return std::unexpected(no_subject(m.method));
  const std::string address = mcp::json_unquote(uri);
  if (caller.snapshot().find(Kind::resource_template, address) != nullptr) {
    return find_named(caller, visible, Kind::resource_template, uri, m.method);
  }
  return find_resource(caller, visible, address);
}

// The _meta of a request without what the gateway says itself.
std::string own_meta(std::string_view meta) {
  return with_members(meta, {{"progressToken", ""},
                             {"io.modelcontextprotocol/protocolVersion", ""},
                             {"io.modelcontextprotocol/clientCapabilities", ""},
                             {"io.modelcontextprotocol/clientInfo", ""},
                             {"io.modelcontextprotocol/logLevel", ""}});
}

struct Mirrored {
  std::string_view raw;             // Empty when the argument is absent or null.
  std::optional<std::string> text;  // What its header says; nothing for a value that has no text.
};

Mirrored argument_at(std::string_view arguments, std::string_view pointer) {
  const auto path = policy::parse_pointer(pointer);
  if (!path) return {};
  const policy::Found found = policy::find(arguments, *path);
  if (found.lookup != policy::Lookup::found || found.raw == "null") return {};
  return {found.raw, policy::text_of(found.raw)};
}

bool agrees(const Mirrored& argument, std::string_view header) {
  const auto said = mcp::decode_header_value(header);
  if (!said || !argument.text) return false;
  if (*said == *argument.text) return true;
  return !mcp::is_json_string(argument.raw) && policy::is_scalar(*said) && policy::same_value(*said, argument.raw);
}

}  // namespace

Outcome::Failure unknown_item(const Caller& caller, Visibility& visible, ItemKind kind, std::string_view name) {
  const std::string shown = printable(name, 200);
  if (kind == ItemKind::resource) {
    const int code = caller.era == mcp::Era::modern ? mcp::code::invalid_params : resource_not_found;
    return {code, fmt::format("Resource not found: {}", shown), fmt::format(R"({{"uri":{}}})", json_quote(name))};
  }
  const Kind of = kind == ItemKind::tool ? Kind::tool : Kind::prompt;
  const auto near = caller.snapshot().near(
      of, name, [&](const Item& item) { return catalogue::suits(item, caller.era) && visible.shows(item); });
  std::string sentence = fmt::format("Unknown {}: {}", kind == ItemKind::tool ? "tool" : "prompt", shown);
  if (!near.empty()) sentence += fmt::format(" (did you mean {}?)", fmt::join(near, " or "));
  return {mcp::code::invalid_params, std::move(sentence), {}};
}

std::expected<Target, Outcome::Failure> find_resource(const Caller& caller, Visibility& visible, std::string_view uri) {
  const catalogue::Snapshot& snapshot = caller.snapshot();
  const auto refused = [&] { return std::unexpected(unknown_item(caller, visible, ItemKind::resource, uri)); };
  auto address = snapshot.upstream_address(uri);
  if (!address) return refused();
  Target target{snapshot.find(Kind::resource, uri), ItemKind::resource, address->adapter, std::string(uri),
                address->uri};
  if (target.item != nullptr)
    return visible.shows(*target.item) ? std::expected<Target, Outcome::Failure>(target) : refused();
  const Item unlisted = unlisted_resource(caller, target);
  const Item* const pattern = snapshot.find_template(uri);
  const bool by_template = pattern != nullptr && pattern->adapter == target.source;
  if (is_hidden(snapshot, target.source, target.upstream_name, by_template)) return refused();
  // A virtual server that selects a template selects what comes of it.
  const bool shown = by_template ? visible.shows(*pattern) && visible.permits(unlisted) : visible.shows(unlisted);
  if (!shown) return refused();
  return target;
}

std::expected<Target, Outcome::Failure> find_target(const Caller& caller, Visibility& visible, const mcp::Message& m) {
  if (m.method == "tools/call") return find_named(caller, visible, Kind::tool, m.name, m.method);
  if (m.method == "prompts/get") return find_named(caller, visible, Kind::prompt, m.name, m.method);
  if (m.method == "completion/complete") return find_reference(caller, visible, m);
  if (!mcp::is_json_string(m.uri)) return std::unexpected(no_subject(m.method));
  return find_resource(caller, visible, mcp::json_unquote(m.uri));
}

std::string upstream_params(const mcp::Message& m, const Target& target) {
  std::string_view subject, meta;
  std::string renamed, kept;
  if (m.method == "completion/complete") {
    subject = m.ref;
    renamed =
        with_members(m.ref, {{target.kind == ItemKind::prompt ? "name" : "uri", json_quote(target.upstream_name)}});
  } else if (target.upstream_name != target.name) {
    subject = target.kind == ItemKind::resource ? m.uri : m.name;
    renamed = json_quote(target.upstream_name);
  }
  if (mcp::is_json_object(m.meta)) {
    kept = own_meta(m.meta);
    if (kept.size() != m.meta.size()) meta = m.meta;
  }
  return mcp::splice(m.params, {{subject, renamed}, {meta, kept}});
}

std::optional<mcp::Refusal> check_mirrored(const catalogue::Definition& definition, const mcp::Message& m,
                                           const http::Fields& fields) {
  for (const auto& [pointer, suffix] : definition.mirrored) {
    const Mirrored argument = argument_at(m.arguments, pointer);
    const std::string field = std::string(mirror_prefix) + suffix;
    std::optional<std::string_view> header;
    for (const http::Field& candidate : fields.all()) {
      if (iequals(candidate.name, field)) header = candidate.value;
    }
    const bool right = argument.raw.empty() ? !header : header && agrees(argument, *header);
    if (right) continue;
    return mcp::Refusal{400,
                        mcp::code::header_mismatch,
                        header
                            ? fmt::format("The header {} differs from the argument {}.", field, pointer)
                            : fmt::format("The header {}, which mirrors the argument {}, is missing.", field, pointer),
                        std::string(m.id),
                        {}};
  }
  return {};
}

std::string mirrored_fields(const catalogue::Definition& definition, std::string_view arguments) {
  std::string out;
  for (const auto& [pointer, suffix] : definition.mirrored) {
    const Mirrored argument = argument_at(arguments, pointer);
    if (!argument.text) continue;
    out.append(mirror_prefix)
        .append(suffix)
        .append(": ")
        .append(mcp::encode_header_value(*argument.text))
        .append("\r\n");
  }
  return out;
}

}  // namespace gw::federation
