#include "cli/tools_line.h"

#include "cli/option.h"
#include "cli/remote_line.h"
#include "schema/units.h"

namespace gw::cli {
namespace {

constexpr const char* about_places =
    R"(Asks the gateway at --url, or else $MCP_GATEWAY_URL, or else http://127.0.0.1:8000, with the bearer token
or API key in --token-file, --token (which other users of the machine can see) or $MCP_GATEWAY_TOKEN: all
tools of /mcp, those of --virtual-server, or those of --adapter. With --config no gateway need be running:
the servers of that file are started for this one command, and ended behind it. Its listen addresses,
authentication, policy, limits, audit trail and store do not count then, and there are no ${secret:…}.)";

constexpr const char* list_examples = R"(

Examples:
  mcp-gateway tools ls
  mcp-gateway tools ls --search "send a message" --virtual-server support
  mcp-gateway tools ls --config mcp-gateway.yaml --output json | jq -r '.[].name')";

constexpr const char* inspect_examples = R"(

Examples:
  mcp-gateway tools inspect create_issue
  mcp-gateway tools inspect create_issue --output json | jq .inputSchema)";

constexpr const char* call_examples = R"(

An argument is name=value. What the tool describes as a number, true or false, a list or an object is read
as JSON, digit by digit; everything else is a text. name:=JSON is always JSON. Texts go to standard output;
the content of a call that failed goes to standard error. On a terminal the tool may ask you for more.
Ctrl-C cancels the call.

Examples:
  mcp-gateway tools call add a=2 b=40
  mcp-gateway tools call search query="release notes" limit=5 tags='["docs","news"]' exact:=true
  mcp-gateway tools call create_issue --args @issue.json title="Another title"
  mcp-gateway tools call screenshot url=https://example.org --save page.png
  mcp-gateway tools call query --config mcp-gateway.yaml --adapter database --args - <query.json

Exit codes: 0 done, 1 the call failed or could not be made, 2 the command line was not understood.)";

Result<> set_duration(std::string_view text, const std::function<void(Duration)>& set) {
  const auto duration = schema::parse_duration(text);
  if (!duration) return fail(Errc::invalid, "'{}' is not a duration such as 30s or 2m", printable(text, 80));
  set(*duration);
  return {};
}

}  // namespace

CLI::App* ToolsLine::add_command(CLI::App* group, const char* name, const char* description, const char* examples) {
  CLI::App* const command = group->add_subcommand(name, description);
  command->footer(std::string(about_places) + examples);
  add_client_options(command, place_.client);
  text_option(command, "--config", "FILE", "Servers to start for this command, instead of a running gateway.",
              [this](const std::string& text) { place_.config = text; });
  read_option(command, "--wait", "DURATION", "How long these may take to start; 10s without it.",
              [this](const std::string& text) {
                return set_duration(text, [this](Duration duration) { place_.wait = duration; });
              });
  text_option(command, "--virtual-server", "NAME", "Only what this virtual server shows.",
              [this](const std::string& text) { place_.virtual_server = text; });
  text_option(command, "--adapter", "NAME", "Only this adapter, under its own names.",
              [this](const std::string& text) { place_.adapter = text; });
  choice_option<Output>(command, "--output", "For people, or the JSON that the server sent.",
                        {{"text", Output::text}, {"json", Output::json}}, [this](Output output) { output_ = output; });
  return command;
}

void ToolsLine::add_call(CLI::App* group) {
  call_command_ = add_command(group, "call", "Call a tool and print what it gives.", call_examples);
  call_command_->add_option("NAME", call_.name, "The tool.")->required()->type_name("");
  call_command_->add_option("ARGUMENT", call_.words, "name=value or name:=JSON; any number.")->type_name("");
  text_option(call_command_, "--args", "JSON|@FILE|-", "The arguments as an object; - is standard input.",
              [this](const std::string& text) { call_.arguments = text; });
  read_option(call_command_, "--timeout", "DURATION", "How long the call may take, such as 30s.",
              [this](const std::string& text) {
                return set_duration(text, [this](Duration duration) { call_.timeout = duration; });
              });
  text_option(call_command_, "--save", "FILE", "Where an image, a sound or other bytes go. Never overwrites a file.",
              [this](const std::string& text) { call_.save = text; });
  std::vector<std::pair<std::string, std::string>> levels;
  for (const char* level : {"debug", "info", "notice", "warning", "error", "critical", "alert", "emergency"}) {
    levels.emplace_back(level, level);
  }
  choice_option<std::string>(call_command_, "--log-level", "Show what the server logs, from this level on.", levels,
                             [this](const std::string& level) { call_.log_level = level; });
}

void ToolsLine::add(CLI::App& app) {
  CLI::App* const group = app.add_subcommand("tools", "List, describe and call tools.");
  group->require_subcommand(1);
  group->footer(std::string(about_places) + list_examples);
  list_ = add_command(group, "ls", "List the tools that you may use.", list_examples);
  text_option(list_, "--search", "WORDS", "Only tools that fit the words, the best first.",
              [this](const std::string& text) { words_ = text; });
  inspect_ = add_command(group, "inspect", "Describe a tool, its arguments and its result.", inspect_examples);
  inspect_->add_option("NAME", call_.name, "The tool.")->required()->type_name("");
  add_call(group);
}

std::optional<int> ToolsLine::run(const Console& console) const {
  if (*list_) return list_tools(place_, words_, output_, console);
  if (*inspect_) return inspect_tool(place_, call_.name, output_, console);
  if (*call_command_) return call_tool(place_, call_, output_, console);
  return {};
}

}  // namespace gw::cli
