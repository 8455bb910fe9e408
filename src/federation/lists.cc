#include "federation/lists.h"

#include "base/strings.h"
#include "federation/meta_tools.h"
#include "federation/results.h"
#include "mcp/json_text.h"

namespace gw::federation {
namespace {

std::int64_t milliseconds(Duration duration) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(duration).count();
}

// For the model: the gateway's own, or those of the virtual server, and those of the servers behind.
std::string instructions(Worker& worker, const Caller& caller) {
  const bool selection = caller.server != nullptr && !caller.server->instructions.empty();
  std::string text = selection ? caller.server->instructions : caller.offer->options.instructions;
  if (!caller.offer->options.server_instructions) return text;
  Visibility visible(worker.access, worker.backends, caller);
  for (const auto& [name, server] : caller.offer->servers) {
    if (server.instructions.empty() || !visible.may_know(name)) continue;
    if (!text.empty()) text += "\n\n";
    text.append(name).append(": ").append(server.instructions);
  }
  return text;
}

void remember(Worker& worker, const Caller& caller, catalogue::Kind kind, const std::string& hash) {
  if (!caller.session) return;
  const auto index = static_cast<std::size_t>(kind);
  if (worker.shared.sessions.find(caller.session->id)->listed[index] == hash) return;
  worker.shared.sessions.change(caller.session->id, [&](SessionRecord& record) { record.listed[index] = hash; }, false);
}

// One page of a list: the definitions, joined.
struct Shown {
  std::string before;  // Of the gateway's own tools.
  std::string_view items;
  std::string next_cursor;
};

Reply list_text(Worker& worker, const Caller& caller, catalogue::Kind kind, const mcp::Message& m, const Shown& shown) {
  const std::string tail = modern_members(caller.era, worker.server_info, milliseconds(worker.options().list_lifetime));
  std::string text;
  text.reserve(shown.before.size() + shown.items.size() + tail.size() + m.id.size() + 128);
  text.append(R"({"jsonrpc":"2.0","id":)").append(m.id).append(R"(,"result":{")").append(catalogue::list_member(kind));
  text.append("\":[").append(shown.before);
  if (!shown.before.empty() && !shown.items.empty()) text += ',';
  text.append(shown.items).append("]");
  if (!shown.next_cursor.empty()) text.append(",\"nextCursor\":").append(json_quote(shown.next_cursor));
  text.append(tail).append("}}");
  return {std::move(text), 200};
}

Reply invalid(const Caller& caller, const mcp::Message& m, std::string_view why) {
  return error_reply(m.id, {mcp::code::invalid_params, fmt::format("Invalid params: {}", why), {}}, caller.era);
}

}  // namespace

Reply list_reply(Worker& worker, const Caller& caller, catalogue::Kind kind, const mcp::Message& m) {
  const std::string_view raw = mcp::json_member(m.params, "cursor");
  if (!raw.empty() && !mcp::is_json_string(raw)) return invalid(caller, m, "the cursor is no string.");
  const std::string cursor = raw.empty() ? std::string() : mcp::json_unquote(raw);
  ToolList tools;
  ViewPtr view;
  Shown shown;
  if (kind == catalogue::Kind::tool) {
    tools = tools_shown(worker, caller);
    view = tools.view;
    if (cursor.empty()) shown.before = std::move(tools.meta);
  } else {
    view = worker.views.view(caller, kind);
  }
  if (cursor.empty()) remember(worker, caller, kind, kind == catalogue::Kind::tool ? tools.hash : view->hash);
  if (!tools.everything) {
    shown.items = tools.chosen;
    return list_text(worker, caller, kind, m, shown);
  }
  auto page = catalogue::page(*view, cursor, caller.offer->options.page_size);
  if (!page) return invalid(caller, m, page.error().message());
  shown.items = page->items;
  shown.next_cursor = std::move(page->next_cursor);
  return list_text(worker, caller, kind, m, shown);
}

std::string discover_result(Worker& worker, const Caller& caller) {
  const std::string text = instructions(worker, caller);
  std::string out = fmt::format(R"({{"supportedVersions":["{}"],"capabilities":{})", mcp::modern_versions[0],
                                caller.snapshot().modern_capabilities());
  if (!text.empty()) out.append(",\"instructions\":").append(json_quote(text));
  out += modern_members(mcp::Era::modern, worker.server_info, milliseconds(worker.options().list_lifetime));
  out += '}';
  return out;
}

std::string initialize_result(Worker& worker, const Caller& caller, std::string_view version) {
  const std::string text = instructions(worker, caller);
  std::string out = fmt::format(R"({{"protocolVersion":"{}","capabilities":{},"serverInfo":{})", version,
                                caller.snapshot().legacy_capabilities(), worker.server_info);
  if (!text.empty()) out.append(",\"instructions\":").append(json_quote(text));
  out += '}';
  return out;
}

}  // namespace gw::federation
