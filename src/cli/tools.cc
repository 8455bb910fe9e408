#include "cli/tools.h"

#include <iostream>
#include <iterator>

#include <fmt/core.h>

#include "base/files.h"
#include "base/strings.h"
#include "cli/raw_json.h"
#include "cli/tool_arguments.h"
#include "cli/tool_inputs.h"
#include "cli/tool_result.h"
#include "cli/tool_text.h"
#include "mcp/era.h"
#include "mcp/json_text.h"
#include "policy/arguments.h"

namespace gw::cli {
namespace {

constexpr Duration longest_call = std::chrono::hours(24);
constexpr std::size_t longest_arguments = 16 << 20;
constexpr unsigned max_rounds = 16;
constexpr Duration first_pause = std::chrono::milliseconds(250);
constexpr Duration longest_pause = std::chrono::seconds(10);

int failed(const Error& error, const Console& console) {
  console.err << "mcp-gateway: " << error.message() << '\n';
  return exit_failed;
}

// Shows how a call goes.
class Watching final : public McpListener {
 public:
  explicit Watching(const Console& console) : console_(console) {}

  void progress(std::string_view params) override {
    if (!mcp::is_json_object(params)) return;
    const std::string_view total = mcp::json_member(params, "total");
    const std::string message = text_member(params, "message");
    console_.err << fmt::format("… {}{}{} {}\n", printable(mcp::json_member(params, "progress")),
                                total.empty() ? "" : "/", printable(total), printable(message, 1000));
  }

  void log_message(std::string_view params) override {
    if (!mcp::is_json_object(params)) return;
    const std::string logger = text_member(params, "logger");
    const std::string_view data = mcp::json_member(params, "data");
    console_.err << fmt::format("[{}] {}{}{}\n", printable(text_member(params, "level")), printable(logger),
                                logger.empty() ? "" : ": ",
                                mcp::is_json_string(data) ? shown(mcp::json_unquote(data), 2) : printable(data, 4000));
  }

 private:
  const Console& console_;
};

Result<std::string> read_base(const std::string& given) {
  std::string text = given;
  if (given == "-") {
    text.assign(std::istreambuf_iterator<char>(std::cin), {});
  } else if (given.starts_with('@')) {
    GW_TRY(text, read_file(given.substr(1), longest_arguments));
  }
  if (text.size() > longest_arguments) return fail(Errc::too_large, "--args has more than {} bytes", longest_arguments);
  mcp::JsonScanner json(text, 128);
  std::string_view value;
  if (!is_utf8(text) || !json.take(value) || !json.finish()) {
    return fail(Errc::invalid, "--args is no JSON: {}", json.failed() ? json.problem() : "it is not UTF-8");
  }
  if (!mcp::is_json_object(value)) return fail(Errc::invalid, "--args is no object, such as {{\"path\":\"/tmp\"}}");
  return std::string(value);
}

Result<std::string> arguments_of(const ToolCallOptions& call, const catalogue::Definition& tool,
                                 const Console& console) {
  std::string base;
  if (call.arguments) {
    GW_TRY(base, read_base(*call.arguments));
  }
  GW_TRY(const auto made, read_arguments(call.words, base, mcp::json_member(tool.json, "inputSchema")));
  for (const std::string& warning : made.warnings) console.err << "warning: " << warning << '\n';
  return made.json;
}

// The header fields that mirror arguments (2026-07-28, Streamable HTTP, "Custom Headers").
std::vector<std::pair<std::string, std::string>> mirrored_fields(const catalogue::Definition& tool,
                                                                 std::string_view arguments) {
  std::vector<std::pair<std::string, std::string>> fields;
  for (const auto& [pointer, name] : tool.mirrored) {
    const auto path = policy::parse_pointer(pointer);
    if (!path) continue;
    const policy::Found found = policy::find(arguments, *path);
    if (found.lookup != policy::Lookup::found || found.raw == "null") continue;
    const std::string text = mcp::is_json_string(found.raw) ? mcp::json_unquote(found.raw) : std::string(found.raw);
    fields.emplace_back("Mcp-Param-" + name, mcp::encode_header_value(text));
  }
  return fields;
}

// The complete result, after as many rounds of input as the server wants.
Result<std::string> complete(ToolSession& session, McpRequest request, Duration longest, const Console& console) {
  const std::string members = request.members;
  Watching watching(console);
  Duration wait = first_pause;
  for (unsigned round = 0; round < max_rounds; ++round) {
    GW_TRY(std::string result, session.ask(request, watching, longest));
    const std::string type = text_member(result, "resultType");
    if (type.empty() || type == "complete") return result;
    if (type != "input_required") {
      return fail(Errc::upstream, "the result is of the type '{}', which is not known here", printable(type));
    }
    GW_TRY(const std::string answers, answer_inputs(result, console));
    if (mcp::json_member(result, "inputRequests").empty()) {
      GW_TRY_OK(session.pause(wait));
      wait = std::min(wait * 2, longest_pause);
    }
    request.members = members + answers;
  }
  return fail(Errc::upstream, "the tool asked for more input {} times; it was given up", max_rounds);
}

Result<std::string> call(const ToolPlace& place, const ToolCallOptions& call, const Console& console) {
  if (call.save && std::filesystem::exists(*call.save)) {
    return fail(Errc::conflict, "{} exists already; name another file", call.save->string());
  }
  GW_TRY(const auto session, ToolSession::open(place, console));
  GW_TRY(const auto tool, session->tool(call.name));
  GW_TRY(const std::string arguments, arguments_of(call, tool, console));
  return complete(*session,
                  {.method = "tools/call",
                   .members = fmt::format(R"("name":{},"arguments":{})", json_quote(call.name), arguments),
                   .name = call.name,
                   .fields = mirrored_fields(tool, arguments),
                   .capabilities = input_capabilities(console),
                   .log_level = call.log_level,
                   .wants_progress = console.is_watched},
                  call.timeout.value_or(longest_call), console);
}

}  // namespace

int list_tools(const ToolPlace& place, const std::string& words, Output output, const Console& console) {
  const auto session = ToolSession::open(place, console);
  if (!session) return failed(session.error(), console);
  const auto tools = words.empty() ? (*session)->tools() : (*session)->search(words);
  if (!tools) return failed(tools.error(), console);
  if (output == Output::text) {
    console.out << tool_table(*tools, console.width);
    return exit_ok;
  }
  console.out << '[';
  for (const auto& tool : *tools) console.out << (&tool == tools->data() ? "\n" : ",\n") << tool.json;
  console.out << "\n]\n";
  return exit_ok;
}

int inspect_tool(const ToolPlace& place, const std::string& name, Output output, const Console& console) {
  const auto session = ToolSession::open(place, console);
  if (!session) return failed(session.error(), console);
  const auto tool = (*session)->tool(name);
  if (!tool) return failed(tool.error(), console);
  console.out << (output == Output::json ? tool->json + "\n" : tool_description(*tool));
  return exit_ok;
}

int call_tool(const ToolPlace& place, const ToolCallOptions& options, Output output, const Console& console) {
  const auto result = call(place, options, console);
  if (!result) return failed(result.error(), console);
  if (output == Output::text) return show_result(*result, options.save, console);
  console.out << *result << '\n';
  return mcp::json_member(*result, "isError") == "true" ? exit_failed : exit_ok;
}

}  // namespace gw::cli
