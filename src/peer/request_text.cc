#include "peer/request_text.h"

#include <fmt/format.h>

#include "base/strings.h"
#include "mcp/json_text.h"

namespace gw::peer {
namespace {

constexpr std::size_t deepest = 1024;

// Where in an object something is put: between the two parts of it that stay.
struct Gap {
  std::string_view before;
  std::string_view after;
  bool in_meta = false;  // Inside an existing _meta.
  bool needs_comma = false;
};

bool is_empty_object(std::string_view object) {
  return object.find_first_not_of(" \t\r\n", 1) == object.size() - 1;
}

Gap at_end_of(std::string_view text, std::string_view object, bool in_meta) {
  const auto end = static_cast<std::size_t>(object.data() + object.size() - 1 - text.data());
  return {text.substr(0, end), text.substr(end), in_meta, !is_empty_object(object)};
}

Gap find_gap(std::string_view params) {
  // Most parameters have no _meta; an escape may hide one.
  if (params.contains("_meta") || params.contains("\\u")) {
    const std::string_view meta = mcp::json_member(params, "_meta");
    if (mcp::is_json_object(meta)) return at_end_of(params, meta, true);
  }
  return at_end_of(params, params, false);
}

std::string start_of(std::uint64_t id, std::string_view method) {
  std::string text;
  text.reserve(96 + method.size());
  text.append(R"({"jsonrpc":"2.0","id":)").append(std::to_string(id));
  text.append(R"(,"method":)").append(json_quote(method)).append(R"(,"params":)");
  return text;
}

}  // namespace

RequestText::RequestText(std::uint64_t id, std::string_view method, std::string_view params, std::string meta)
    : start_(start_of(id, method)) {
  if (!params.ends_with('}')) params = "{}";
  if (meta.empty()) {
    pieces_ = {start_, params, "}", {}};
    return;
  }
  const Gap gap = find_gap(params);
  inserted_.reserve(meta.size() + 16);
  if (gap.needs_comma) inserted_ += ',';
  if (!gap.in_meta) inserted_ += "\"_meta\":{";
  inserted_ += meta;
  if (!gap.in_meta) inserted_ += '}';
  // The brace that closes the message goes with the last piece: `after` is at least one character.
  start_.append(gap.before.size() < 256 ? gap.before : std::string_view());
  inserted_.append(gap.after).append("}");
  pieces_ = {start_, gap.before.size() < 256 ? std::string_view() : gap.before, inserted_, {}};
}

std::string RequestText::whole() const {
  std::string text;
  for (const std::string_view piece : pieces_) text += piece;
  return text;
}

std::string notification_text(std::string_view method, std::string_view params) {
  return fmt::format(R"({{"jsonrpc":"2.0","method":{},"params":{}}})", json_quote(method), params);
}

std::string without_member(std::string_view object, std::string_view key) {
  mcp::JsonScanner json(object, deepest);
  std::string out = "{";
  std::string_view name, value;
  for (json.enter_object(); json.next_member(name);) {
    if (!json.take(value)) break;
    if (mcp::json_unquote(name) == key) continue;
    if (out.size() > 1) out += ',';
    out.append(name).append(":").append(value);
  }
  return out + "}";
}

std::string meta_members(const Envelope& envelope) {
  std::string out;
  out.reserve(192 + envelope.client_capabilities.size() + envelope.client_info.size());
  const auto add = [&out](std::string_view name, std::string_view raw) {
    if (raw.empty()) return;
    if (!out.empty()) out += ',';
    out.append("\"io.modelcontextprotocol/").append(name).append("\":").append(raw);
  };
  if (!envelope.version.empty()) {
    out.append(R"("io.modelcontextprotocol/protocolVersion":")").append(envelope.version).append("\"");
  }
  add("clientCapabilities", envelope.client_capabilities);
  add("clientInfo", envelope.client_info);
  if (!envelope.log_level.empty()) add("logLevel", json_quote(envelope.log_level));
  if (!envelope.progress_token.empty()) {
    if (!out.empty()) out += ',';
    out.append("\"progressToken\":").append(envelope.progress_token);
  }
  return out;
}

}  // namespace gw::peer
