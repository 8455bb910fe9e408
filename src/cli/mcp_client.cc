#include "cli/mcp_client.h"

#include "base/strings.h"
#include "fetch/fetch.h"
#include "mcp/era.h"
#include "mcp/json_text.h"
#include "mcp/jsonrpc.h"
#include "mcp/sse.h"
#include "runtime/race.h"

namespace gw::cli {
namespace {

constexpr std::size_t longest_answer = 64 << 20;  // Of a message.
constexpr std::string_view request_id = "1";      // Each request has a connection of its own.

std::string body_of(const McpRequest& request) {
  std::string meta =
      fmt::format(R"("io.modelcontextprotocol/protocolVersion":"{}","io.modelcontextprotocol/clientCapabilities":{},)"
                  R"("io.modelcontextprotocol/clientInfo":{{"name":"mcp-gateway-cli","version":{}}})",
                  mcp::first_modern_version, request.capabilities, json_quote(version()));
  if (!request.log_level.empty()) {
    meta += fmt::format(R"(,"io.modelcontextprotocol/logLevel":{})", json_quote(request.log_level));
  }
  if (request.wants_progress) meta += fmt::format(R"(,"progressToken":{})", request_id);
  return fmt::format(R"({{"jsonrpc":"2.0","id":{},"method":{},"params":{{{}{}"_meta":{{{}}}}}}})", request_id,
                     json_quote(request.method), request.members, request.members.empty() ? "" : ",", meta);
}

fetch::Request http_request(const McpEndpoint& endpoint, const McpRequest& request, Duration longest) {
  fetch::Request http{.url = endpoint.gateway.url + endpoint.path,
                      .method = http::Method::post,
                      .fields = {{"Accept", "application/json, text/event-stream"},
                                 {"Content-Type", "application/json"},
                                 {"MCP-Protocol-Version", std::string(mcp::first_modern_version)},
                                 {"Mcp-Method", request.method}},
                      .body = body_of(request),
                      .timeout = longest};
  if (!request.name.empty()) http.fields.emplace_back("Mcp-Name", mcp::encode_header_value(request.name));
  http.fields.insert(http.fields.end(), request.fields.begin(), request.fields.end());
  if (const auto& token = endpoint.gateway.token; !token.empty()) {
    http.fields.emplace_back("Authorization", "Bearer " + std::string(token.reveal()));
  }
  return http;
}

Errc code_of(std::string_view code) {
  if (code == std::to_string(mcp::code::invalid_params)) return Errc::invalid;
  if (code == std::to_string(mcp::code::method_not_found)) return Errc::unsupported;
  return Errc::upstream;
}

Error refusal(std::string_view error) {
  const std::string_view message = mcp::json_member(error, "message");
  const std::string text = mcp::is_json_string(message) ? mcp::json_unquote(message) : std::string(error);
  return {code_of(mcp::json_member(error, "code")), printable(text, 2000)};
}

// The answer, when `text` is it; notifications are passed on.
Result<std::optional<std::string>> take_message(std::string_view text, McpListener& listener) {
  const auto message = mcp::scan(text, {.max_bytes = longest_answer});
  if (!message) {
    return fail(Errc::upstream, "the gateway sent what is no message of the protocol: {}", message.error().message);
  }
  if (message->kind == mcp::Kind::error_response) return std::unexpected(refusal(message->error));
  if (message->kind == mcp::Kind::response) return std::string(message->result);
  if (message->method == "notifications/progress") listener.progress(message->params);
  if (message->method == "notifications/message") listener.log_message(message->params);
  return std::nullopt;
}

Task<Result<std::string>> read_events(fetch::Answer& answer, McpListener& listener) {
  mcp::SseParser events(longest_answer);
  while (true) {
    GW_CO_TRY(const std::string_view part, co_await answer.part(Duration::max()));
    if (part.empty()) co_return fail(Errc::upstream, "the gateway ended its answer before it was complete");
    events.feed(part);
    while (true) {
      GW_CO_TRY(const auto event, events.next());
      if (!event) break;
      GW_CO_TRY(auto result, take_message(event->data, listener));
      if (result) co_return *std::move(result);
    }
  }
}

bool is_rpc_message(std::string_view body) {
  return mcp::is_json_object(trim(body)) && mcp::scan(body, {.max_bytes = longest_answer}).has_value();
}

Task<Result<std::string>> exchange(net::Resolver& resolver, const McpEndpoint& endpoint, const McpRequest& request,
                                   McpListener& listener, Duration longest) {
  auto answer = co_await fetch::open(resolver, http_request(endpoint, request, longest));
  if (!answer && answer.error().code() == Errc::unavailable) {
    co_return fail(Errc::unavailable,
                   "{}; is the gateway running? Start one with 'mcp-gateway serve', name another with --url, or use a "
                   "configuration file with --config",
                   printable(answer.error().message(), 2000));
  }
  if (!answer) co_return std::unexpected(answer.error());
  const std::string_view type = answer->field("Content-Type");
  if (answer->status() == 200 && type.starts_with("text/event-stream"))
    co_return co_await read_events(*answer, listener);
  GW_CO_TRY(const std::string body, co_await answer->rest(longest_answer, longest));
  if (answer->status() == 401 || !is_rpc_message(body)) {
    co_return std::unexpected(error_of(endpoint.gateway, answer->status(), body));
  }
  GW_CO_TRY(auto result, take_message(body, listener));
  if (!result) co_return fail(Errc::upstream, "{} gave no answer; is it an mcp-gateway?", endpoint.gateway.url);
  co_return *std::move(result);
}

}  // namespace

Task<Result<std::string>> ask_mcp(net::Resolver& resolver, const McpEndpoint& endpoint, const McpRequest& request,
                                  McpListener& listener, Duration longest) {
  auto answer = co_await with_timeout(longest, exchange(resolver, endpoint, request, listener, longest));
  if (answer) co_return *std::move(answer);
  const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(longest).count();
  co_return fail(Errc::timeout, "{} took longer than {} ms and was cancelled", request.method, ms);
}

}  // namespace gw::cli
