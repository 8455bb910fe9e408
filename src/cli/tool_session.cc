#include "cli/tool_session.h"

#include <algorithm>
#include <ostream>
#include <set>

#include <fmt/format.h>

#include "base/strings.h"
#include "catalogue/near.h"
#include "cli/raw_json.h"
#include "cli/server_wait.h"
#include "http/target.h"
#include "mcp/json_text.h"
#include "runtime/event.h"
#include "search/index.h"

namespace gw::cli {
namespace {

constexpr Duration patience = std::chrono::seconds(60);  // For a page.
constexpr std::size_t max_pages = 10'000;
constexpr std::size_t max_hits = 100;
constexpr std::size_t max_near = 3;
constexpr const char* search_tool = "search_tools";  // The gateway's own.
constexpr int search_tool_hits = 50;                 // Its limit.

class Nobody final : public McpListener {
 public:
  void progress(std::string_view) override {}
  void log_message(std::string_view) override {}
};

Result<> checked(const ToolPlace& place) {
  if (!place.adapter.empty() && !place.virtual_server.empty()) {
    return fail(Errc::invalid, "--adapter and --virtual-server name two places; give one of them");
  }
  if (place.config && (place.client.url || place.client.token || place.client.token_file)) {
    return fail(Errc::invalid, "--config starts a gateway of its own, so there is no --url and no token to give");
  }
  return {};
}

// Names of virtual servers may be namespace/name.
std::string encoded_path(std::string_view name) {
  std::string path;
  for (const std::string_view part : split_list(name, '/')) {
    path.append(path.empty() ? "" : "/").append(http::percent_encode(part));
  }
  return path;
}

std::string path_of(const ToolPlace& place) {
  if (!place.adapter.empty()) return fmt::format("/adapters/{}/mcp", http::percent_encode(place.adapter));
  if (!place.virtual_server.empty()) return fmt::format("/servers/{}/mcp", encoded_path(place.virtual_server));
  return "/mcp";
}

}  // namespace

ToolSession::ToolSession(const ToolPlace& place, const Console& console) : place_(place), console_(console) {}

Result<std::unique_ptr<ToolSession>> ToolSession::open(const ToolPlace& place, const Console& console) {
  GW_TRY_OK(checked(place));
  std::unique_ptr<ToolSession> session(new ToolSession(place, console));
  session->endpoint_.path = path_of(place);
  if (place.config) {
    GW_TRY_OK(session->start_gateway());
    return session;
  }
  GW_TRY(session->endpoint_.gateway, find_target(place.client, console.environment));
  const Target& target = session->endpoint_.gateway;
  if (!target.token.empty() && can_be_overheard(target.url)) {
    console.err << fmt::format("warning: the token is sent to {} without encryption; use https\n",
                               printable(target.url));
  }
  return session;
}

Result<> ToolSession::start_gateway() {
  GW_TRY(gateway_, PrivateGateway::start(*place_.config, interrupts_));
  endpoint_.gateway = gateway_->target();
  GW_TRY(const auto missing,
         runner_.run(wait_for_servers(runner_.resolver(), endpoint_.gateway, place_.adapter, place_.wait)));
  for (const auto& [server, why] : missing) {
    console_.err << fmt::format("warning: the tools of '{}' are missing: {}\n", printable(server),
                                printable(why, 1000));
  }
  return {};
}

Result<> ToolSession::pause(Duration wait) {
  return runner_.run([](Duration longest) -> Task<Result<>> {
    co_await sleep_for(longest);
    co_return Result<>();
  }(wait));
}

Result<std::string> ToolSession::ask(const McpRequest& request, McpListener& listener, Duration longest) {
  return runner_.run(ask_mcp(runner_.resolver(), endpoint_, request, listener, longest));
}

Result<std::string> ToolSession::ask_quietly(const McpRequest& request) {
  Nobody nobody;
  return ask(request, nobody, patience);
}

void ToolSession::add(std::string_view definitions, std::vector<catalogue::Definition>& tools) const {
  for (const std::string_view raw : elements_of(definitions)) {
    auto tool = catalogue::read_definition(catalogue::Kind::tool, raw);
    if (tool) {
      tools.push_back(*std::move(tool));
    } else {
      console_.err << fmt::format("warning: the tool '{}' is left out: {}\n", printable(text_member(raw, "name")),
                                  printable(tool.error().message()));
    }
  }
}

Result<std::vector<catalogue::Definition>> ToolSession::tools() {
  std::vector<catalogue::Definition> tools;
  std::set<std::string> cursors;
  std::string members;
  do {
    GW_TRY(const std::string page, ask_quietly({.method = "tools/list", .members = members, .name = {}}));
    add(mcp::json_member(page, "tools"), tools);
    const std::string_view cursor = mcp::json_member(page, "nextCursor");
    if (!mcp::is_json_string(cursor)) return tools;
    members = fmt::format(R"("cursor":{})", cursor);
  } while (cursors.insert(members).second && cursors.size() < max_pages);
  return fail(Errc::upstream, "the list of tools does not end: it was given up after {} pages", cursors.size());
}

Result<std::vector<catalogue::Definition>> ToolSession::search_there(const std::vector<catalogue::Definition>& shown,
                                                                     const std::string& words) {
  std::vector<catalogue::Definition> found;
  if (std::ranges::find(shown, search_tool, &catalogue::Definition::name) == shown.end()) return found;
  GW_TRY(const std::string result,
         ask_quietly({.method = "tools/call",
                      .members = fmt::format(R"("name":"{}","arguments":{{"query":{},"limit":{}}})", search_tool,
                                             json_quote(words), search_tool_hits),
                      .name = search_tool}));
  const std::string_view structured = mcp::json_member(result, "structuredContent");
  if (mcp::is_json_object(structured)) add(mcp::json_member(structured, "tools"), found);
  return found;
}

Result<std::vector<catalogue::Definition>> ToolSession::search(const std::string& words) {
  GW_TRY(const auto all, tools());
  GW_TRY(auto found, search_there(all, words));
  if (!found.empty()) return found;
  std::vector<search::Document> documents;
  for (const auto& tool : all) {
    documents.push_back({.name = tool.name,
                         .title = tool.title,
                         .description = tool.description,
                         .parameters = tool.parameters,
                         .tags = {}});
  }
  for (const search::Hit& hit : search::Index::make(documents)->search(words, max_hits)) {
    found.push_back(all[hit.document]);
  }
  return found;
}

Result<catalogue::Definition> ToolSession::tool(const std::string& name) {
  GW_TRY(auto all, tools());
  GW_TRY(auto more, search_there(all, name));
  std::ranges::move(more, std::back_inserter(all));
  std::vector<std::pair<std::size_t, std::string>> near;
  for (const auto& tool : all) {
    if (tool.name == name) return tool;
    if (const auto distance = catalogue::slip(name, tool.name)) near.emplace_back(*distance, tool.name);
  }
  std::ranges::sort(near);
  near.erase(near.begin() + static_cast<std::ptrdiff_t>(std::min(near.size(), max_near)), near.end());
  std::string hint;
  for (const auto& [distance, other] : near)
    hint += fmt::format("{}'{}'", hint.empty() ? "" : " or ", printable(other));
  return fail(
      Errc::not_found, "there is no tool '{}'{}", printable(name),
      hint.empty() ? "; 'mcp-gateway tools ls' shows which there are" : fmt::format("; did you mean {}?", hint));
}

}  // namespace gw::cli
