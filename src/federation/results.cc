#include "federation/results.h"

#include <algorithm>
#include <vector>

#include "base/strings.h"
#include "catalogue/json_key.h"
#include "mcp/json_text.h"
#include "mcp/jsonrpc.h"

namespace gw::federation {
namespace {

constexpr std::size_t deepest = 128;
constexpr std::string_view server_info_key = "io.modelcontextprotocol/serverInfo";
constexpr int resource_not_found = -32002;      // Legacy.
constexpr int url_elicitation_needed = -32042;  // 2025-11-25.

// A member of an object, with the blanks around it.
struct Placed {
  std::string_view before;  // Up to the value: blanks, key, colon.
  std::string_view value;
  std::string_view after;
  std::string name;
};

std::vector<Placed> members_of(std::string_view object) {
  std::vector<Placed> placed;
  mcp::JsonScanner json(object, deepest);
  std::string_view key, value;
  std::size_t begin = object.find('{') + 1;
  for (json.enter_object(); json.next_member(key) && json.take(value);) {
    const auto at = static_cast<std::size_t>(value.data() - object.data());
    const auto end = at + value.size();
    const auto separator = object.find_first_of(",}", end);
    placed.push_back({.before = object.substr(begin, at - begin),
                      .value = value,
                      .after = object.substr(end, separator - end),
                      .name = mcp::json_unquote(key)});
    begin = separator + 1;
  }
  return placed;
}

void begin_member(std::string& object) {
  if (object.size() > 1) object += ',';
}

}  // namespace

std::string with_members(std::string_view object, std::initializer_list<Member> members) {
  std::string out = "{";
  out.reserve(object.size() + 64);
  std::vector<bool> seen(members.size());
  for (const Placed& placed : members_of(object)) {
    const auto* const found = std::ranges::find(members, placed.name, &Member::name);
    std::string_view value = placed.value;
    if (found != members.end()) {
      const auto index = static_cast<std::size_t>(found - members.begin());
      if (seen[index] || found->raw.empty()) continue;
      seen[index] = true;
      value = found->raw;
    }
    begin_member(out);
    out.append(placed.before).append(value).append(placed.after);
  }
  std::size_t index = 0;
  for (const Member& member : members) {
    if (seen[index++] || member.raw.empty()) continue;
    begin_member(out);
    out.append(json_quote(member.name)).append(":").append(member.raw);
  }
  out += '}';
  return out;
}

std::string result_type(std::string_view result) {
  // Few results say it; an escape may hide it.
  const bool may_say = result.contains("resultType") || result.contains("\\u");
  const std::string_view raw = may_say ? mcp::json_member(result, "resultType") : std::string_view();
  if (raw.empty()) return "complete";
  return mcp::is_json_string(raw) ? mcp::json_unquote(raw) : std::string();
}

std::string for_legacy(std::string result) {
  constexpr std::string_view signs[] = {"resultType", "ttlMs", "cacheScope", "\\u"};
  const bool may_be_modern = std::ranges::any_of(signs, [&](std::string_view sign) { return result.contains(sign); });
  if (!may_be_modern) return result;
  return with_members(result, {{"resultType", ""}, {"ttlMs", ""}, {"cacheScope", ""}});
}

std::string for_modern(std::string_view result, std::string_view server_info, bool cacheable) {
  std::string_view type, ttl, scope, meta;
  mcp::JsonScanner json(result, deepest);
  std::string_view key, value;
  for (json.enter_object(); json.next_member(key) && json.take(value);) {
    if (catalogue::is_key(key, "resultType")) type = value;
    if (catalogue::is_key(key, "ttlMs")) ttl = value;
    if (catalogue::is_key(key, "cacheScope")) scope = value;
    if (catalogue::is_key(key, "_meta")) meta = value;
  }
  std::string added;
  if (type.empty()) added += R"("resultType":"complete",)";
  if (cacheable && ttl.empty()) added += R"("ttlMs":0,)";
  if (cacheable && scope.empty()) added += R"("cacheScope":"private",)";
  if (meta.empty()) added.append(R"("_meta":{"io.modelcontextprotocol/serverInfo":)").append(server_info).append("},");
  std::string new_meta;
  if (mcp::is_json_object(meta) && mcp::json_member(meta, server_info_key).empty()) {
    new_meta = with_members(meta, {{server_info_key, server_info}});
  }
  std::string out = new_meta.empty() ? std::string(result) : mcp::splice(result, {{meta, new_meta}});
  if (added.empty()) return out;
  const auto brace = out.find('{');
  if (out.find_first_not_of(" \t\r\n", brace + 1) == out.rfind('}')) added.pop_back();  // It has no other member.
  out.insert(brace + 1, added);
  return out;
}

std::string modern_members(mcp::Era era, std::string_view server_info, std::optional<std::int64_t> ttl) {
  if (era == mcp::Era::legacy) return {};
  std::string out = R"(,"resultType":"complete")";
  if (ttl) out += fmt::format(R"(,"ttlMs":{},"cacheScope":"private")", *ttl);
  out.append(R"(,"_meta":{"io.modelcontextprotocol/serverInfo":)").append(server_info).append("}");
  return out;
}

peer::Outcome::Failure for_client(peer::Outcome::Failure failure, mcp::Era era, std::string_view uri) {
  const bool modern = era == mcp::Era::modern;
  const bool names_address = !mcp::json_member(failure.data, "uri").empty() || failure.code == resource_not_found;
  if (!uri.empty() && names_address) {
    failure.code = modern ? mcp::code::invalid_params : resource_not_found;
    failure.data = fmt::format(R"({{"uri":{}}})", json_quote(uri));
    return failure;
  }
  const bool about_the_way = failure.code == mcp::code::header_mismatch ||
                             failure.code == mcp::code::unsupported_protocol_version ||
                             (modern ? failure.code == url_elicitation_needed || failure.code == resource_not_found
                                     : failure.code == mcp::code::missing_client_capability);
  if (about_the_way) failure.code = mcp::code::internal_error;
  return failure;
}

std::string tool_failure(std::string_view sentence) {
  return fmt::format(R"({{"content":[{{"type":"text","text":{}}}],"isError":true}})", json_quote(sentence));
}

}  // namespace gw::federation
