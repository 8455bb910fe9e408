#include "federation/meta_tools.h"

#include <algorithm>
#include <set>

#include "base/check.h"
#include "base/sha256.h"
#include "base/strings.h"
#include "federation/results.h"
#include "mcp/json_text.h"

namespace gw::federation {
namespace {

using catalogue::Item;
using catalogue::Kind;
using mcp::Message;

constexpr std::uint64_t usual_hits = 10;
constexpr std::uint64_t max_hits = 50;

enum class Meta { discover, select, tags, by_tags, search };

struct MetaTool {
  Meta what;
  std::string_view name;
  std::string_view description;
  std::string_view properties;
  std::string_view required;
  bool for_sessions = false;  // Only where there is a session to remember it.
  bool for_tags = false;      // Only while a server has tags.
  bool read_only = true;
};

constexpr MetaTool meta_tools[] = {
    {Meta::search, "search_tools",
     "Finds tools by what they do. Gives their definitions, the best first; each can be called at once.",
     R"("query":{"type":"string","description":"Words that describe the task"},"limit":{"type":"integer","minimum":1,"maximum":50,"description":"How many; 10 when it is not given"})",
     R"("query")"},
    {Meta::discover, "discover_tools",
     "Lists the servers behind this one, what they are for, and the names of their tools.",
     R"("category":{"type":"string","description":"Only servers of this category"})", ""},
    {Meta::tags, "list_tags", "Lists the tags of all servers.", "", "", false, true},
    {Meta::by_tags, "filter_tools_by_tags", "Lists the tools of all servers that have one of the tags.",
     R"("tags":{"type":"array","items":{"type":"string"},"minItems":1})", R"("tags")", false, true},
    {Meta::select, "select_tools",
     "Chooses the tools that the list of tools shows to this session. An empty choice shows everything again.",
     R"("tools":{"type":"array","items":{"type":"string"},"maxItems":250})", R"("tools")", true, false, false},
};

std::string definition(const MetaTool& tool) {
  return fmt::format(
      R"({{"name":"{}","description":{},"inputSchema":{{"type":"object","properties":{{{}}},"required":[{}]}},)"
      R"("annotations":{{"readOnlyHint":{},"destructiveHint":false,"openWorldHint":false}},)"
      R"("_meta":{{"kuadrant/broker-tool":true}}}})",
      tool.name, json_quote(tool.description), tool.properties, tool.required, tool.read_only);
}

bool is_offered(const MetaTool& tool, const Caller& caller) {
  if (tool.for_sessions && !caller.session) return false;
  if (caller.snapshot().find(Kind::tool, tool.name) != nullptr) return false;
  return !tool.for_tags ||
         std::ranges::any_of(caller.offer->servers, [](const auto& server) { return !server.second.tags.empty(); });
}

std::string definitions(const Caller& caller) {
  std::string joined;
  for (const MetaTool& tool : meta_tools) {
    if (is_offered(tool, caller)) joined.append(joined.empty() ? "" : ",").append(definition(tool));
  }
  return joined;
}

std::string quoted_list(const auto& texts) {
  std::string out;
  for (const auto& text : texts) out.append(out.empty() ? "" : ",").append(json_quote(text));
  return "[" + out + "]";
}

// What a meta-tool gives: the same as structured content and as text.
std::string content(const std::string& value) {
  return fmt::format(R"({{"content":[{{"type":"text","text":{}}}],"structuredContent":{}}})", json_quote(value), value);
}

// Strings of a list argument; nothing when it is none.
std::optional<std::vector<std::string>> strings_at(std::string_view arguments, std::string_view name,
                                                   std::size_t most) {
  const std::string_view raw = mcp::json_member(arguments, name);
  if (!raw.starts_with('[')) return {};
  std::vector<std::string> texts;
  mcp::JsonScanner json(raw, 64);
  std::string_view element;
  for (json.enter_array(); json.next_element();) {
    if (!json.take(element) || !mcp::is_json_string(element) || texts.size() == most) return {};
    texts.push_back(mcp::json_unquote(element));
  }
  return texts;
}

std::optional<std::string> string_at(std::string_view arguments, std::string_view name) {
  const std::string_view raw = mcp::json_member(arguments, name);
  return mcp::is_json_string(raw) ? std::optional(mcp::json_unquote(raw)) : std::nullopt;
}

const ServerNote& note_of(const Caller& caller, const std::string& server) {
  static const ServerNote nothing;
  const auto found = caller.offer->servers.find(server);
  return found == caller.offer->servers.end() ? nothing : found->second;
}

bool has(const std::vector<std::string>& texts, std::string_view wanted) {
  return std::ranges::any_of(texts, [&](const std::string& text) { return iequals(text, wanted); });
}

std::string discover(const Caller& caller, const catalogue::View& view, std::string_view arguments) {
  const auto category = string_at(arguments, "category");
  std::map<std::string, std::vector<std::string>> servers;
  for (const Item* item : view.items) servers[item->adapter].push_back(item->name);
  std::string out;
  for (const auto& [name, tools] : servers) {
    const ServerNote& note = note_of(caller, name);
    if (category && !category->empty() && !has(note.categories, *category)) continue;
    if (!out.empty()) out += ',';
    out += fmt::format(R"({{"name":{},"categories":{},"hint":{},"tools":{}}})", json_quote(name),
                       quoted_list(note.categories), json_quote(note.hint), quoted_list(tools));
  }
  return content("{\"servers\":[" + out + "]}");
}

std::string list_tags(const catalogue::View& view) {
  std::set<std::string> tags;
  for (const Item* item : view.items) tags.insert(item->tags.begin(), item->tags.end());
  return content("{\"tags\":" + quoted_list(tags) + "}");
}

std::string filter_by_tags(const catalogue::View& view, std::string_view arguments) {
  const auto tags = strings_at(arguments, "tags", max_selected);
  if (!tags) return tool_failure("The argument /tags must be a list of strings.");
  std::string out;
  for (const Item* item : view.items) {
    if (std::ranges::none_of(item->tags, [&](const std::string& tag) { return has(*tags, tag); })) continue;
    if (!out.empty()) out += ',';
    out += fmt::format(R"({{"name":{},"description":{}}})", json_quote(item->name), json_quote(item->description));
  }
  return content("{\"tools\":[" + out + "]}");
}

std::string search(const Caller& caller, const catalogue::View& view, std::string_view arguments) {
  const auto query = string_at(arguments, "query");
  if (!query) return tool_failure("The argument /query must be a string.");
  const std::string_view raw = mcp::json_member(arguments, "limit");
  const auto limit = raw.empty() ? std::optional(usual_hits) : parse_unsigned(raw);
  if (!limit || *limit == 0 || *limit > max_hits) {
    return tool_failure(fmt::format("The argument /limit must be a number from 1 to {}.", max_hits));
  }
  const auto& tools = caller.snapshot().items(Kind::tool);
  std::vector<bool> allowed(tools.size());
  for (const Item* item : view.items) allowed[static_cast<std::size_t>(item - tools.data())] = true;
  std::string out;
  if (caller.offer->tools != nullptr) {
    for (const search::Hit& hit : caller.offer->tools->search(*query, *limit, allowed)) {
      out.append(out.empty() ? "" : ",").append(tools[hit.document].json);
    }
  }
  return content("{\"tools\":[" + out + "]}");
}

std::string select(Worker& worker, const Caller& caller, const catalogue::View& view, std::string_view arguments) {
  const auto tools = strings_at(arguments, "tools", max_selected);
  if (!tools)
    return tool_failure(fmt::format("The argument /tools must be a list of at most {} strings.", max_selected));
  for (const std::string& name : *tools) {
    const bool there = std::ranges::any_of(view.items, [&](const Item* item) { return item->name == name; });
    if (!there) return tool_failure("tool not available: " + printable(name, 80));
  }
  worker.shared.sessions.change(caller.session->id, [&](SessionRecord& record) {
    record.selected.reset();
    if (!tools->empty()) record.selected.emplace(tools->begin(), tools->end());
  });
  return content("{\"selected\":" + quoted_list(*tools) + "}");
}

const MetaTool* find_meta_tool(const Caller& caller, const Message& m) {
  if (!catalogue::offers_meta_tools(caller.offer->options) || m.method != "tools/call" || !mcp::is_json_string(m.name))
    return nullptr;
  const std::string name = mcp::json_unquote(m.name);
  const auto* const tool = std::ranges::find(meta_tools, name, &MetaTool::name);
  return tool != std::end(meta_tools) && is_offered(*tool, caller) ? tool : nullptr;
}

}  // namespace

ToolList tools_shown(Worker& worker, const Caller& caller) {
  ToolList list{.view = worker.views.view(caller, Kind::tool)};
  list.hash = list.view->hash;
  const catalogue::FederationOptions& options = caller.offer->options;
  if (!catalogue::offers_meta_tools(options)) return list;
  list.meta = definitions(caller);
  const SessionRecordPtr record = caller.session ? worker.shared.sessions.find(caller.session->id) : nullptr;
  if (record != nullptr && record->selected) {
    list.everything = false;
    for (const Item* item : list.view->items) {
      if (!record->selected->contains(item->name)) continue;
      list.chosen.append(list.chosen.empty() ? "" : ",").append(item->json);
    }
  } else {
    const bool many = options.tool_threshold > 0 && list.view->items.size() > options.tool_threshold;
    const bool large = options.context_budget > 0 && list.view->estimated_tokens > options.context_budget;
    list.everything = !many && !large;
  }
  list.hash = sha256_hex(list.meta + (list.everything ? list.view->hash : list.chosen));
  return list;
}

bool is_meta_tool(const Caller& caller, const Message& m) {
  return find_meta_tool(caller, m) != nullptr;
}

Reply call_meta_tool(Worker& worker, const Caller& caller, const Message& m) {
  const MetaTool* const tool = find_meta_tool(caller, m);
  GW_CHECK(tool != nullptr, m.method);
  const ViewPtr view = worker.views.view(caller, Kind::tool);
  const std::string_view arguments = m.arguments.empty() ? std::string_view("{}") : m.arguments;
  std::string result;
  switch (tool->what) {
    case Meta::discover: result = discover(caller, *view, arguments); break;
    case Meta::select: result = select(worker, caller, *view, arguments); break;
    case Meta::tags: result = list_tags(*view); break;
    case Meta::by_tags: result = filter_by_tags(*view, arguments); break;
    case Meta::search: result = search(caller, *view, arguments); break;
  }
  const bool modern = caller.era == mcp::Era::modern;
  return result_reply(m.id, modern ? for_modern(result, worker.server_info, false) : result);
}

}  // namespace gw::federation
