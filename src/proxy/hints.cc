// What is known about a tool that is called, and how the proxy learns it when it is not: by asking the server itself.
#include <algorithm>

#include "base/log.h"
#include "base/strings.h"
#include "http/target.h"
#include "mcp/json_text.h"
#include "mcp/sse.h"
#include "proxy/inspect.h"
#include "proxy/request.h"
#include "proxy/request_head.h"
#include "runtime/race.h"
#include "runtime/random.h"

namespace gw::proxy {
namespace {

constexpr Duration longest_question = std::chrono::seconds(5);
constexpr int max_pages = 20;

// tools/list with what the client says about itself in a modern call, except its progress token and its log level.
std::string list_request(std::string_view id, const mcp::Message& call, std::string_view cursor) {
  std::string params;
  const auto member = [&](std::string_view name, std::string_view value) {
    if (value.empty()) return;
    if (!params.ends_with('{')) params += ',';
    params.append("\"").append(name).append("\":").append(value);
  };
  params = "{";
  if (!call.claimed_version.empty()) {
    params += R"("_meta":{)";
    member("io.modelcontextprotocol/protocolVersion", call.claimed_version);
    member("io.modelcontextprotocol/clientCapabilities", call.client_capabilities);
    member("io.modelcontextprotocol/clientInfo", call.client_info);
    params += '}';
  }
  member("cursor", cursor);
  params += '}';
  return fmt::format(R"({{"jsonrpc":"2.0","id":{},"method":"tools/list","params":{}}})", id, params);
}

// The response to `id` in an answer of either kind.
Task<Result<std::string>> read_response(http::ClientConnection& upstream, std::string_view id, Duration waiting) {
  const bool events = http::is_media_type(upstream.head().fields.get(http::Name::content_type), "text/event-stream");
  mcp::SseParser parser(max_filtered);
  std::string whole;
  while (true) {
    GW_CO_TRY(const std::string_view part, co_await upstream.read_body(waiting));
    const bool last = upstream.body_done();
    if (!events) {
      whole += part;
      if (whole.size() > max_filtered) co_return fail(Errc::upstream, "the list is longer than {} bytes", max_filtered);
      if (last) co_return whole;
      continue;
    }
    parser.feed(part);
    while (true) {
      GW_CO_TRY(const auto event, parser.next());
      if (!event) break;
      const auto message = mcp::scan(event->data);
      if (message && message->id == id && message->method.empty()) co_return std::string(event->data);
    }
    if (last) co_return fail(Errc::upstream, "the stream ended without the list");
  }
}

}  // namespace

std::optional<policy::Hints> Proxy::hints_of(const Request& request, const Call& call) const {
  if (call.tool().empty() || !access_.looks_at_hints(request.use)) return {};
  return hints_.find(request.route->uid, call.tool());
}

// What a server does not tell has the protocol's defaults: a rule about hints must not be got round by silence.
std::optional<policy::Hints> Proxy::judged_hints(const Request& request, const Call& call) const {
  if (call.tool().empty() || !access_.looks_at_hints(request.use)) return {};
  return hints_of(request, call).value_or(policy::Hints());
}

// Learns from a list that passes, and says what of it may be seen.
Shows Proxy::list_shows(const Request& request) {
  const bool learns = access_.looks_at_hints(request.use);
  const bool filters = access_.filters_lists(request.use);
  return [this, &request, learns, filters](policy::ItemKind kind, std::string_view item,
                                           const std::optional<policy::Hints>& hints) {
    if (learns && hints) hints_.learn(request.route->uid, item, *hints);
    return !filters || access_.shows(request.use, kind, item, hints);
  };
}

const Call* Proxy::without_hints(const Request& request, const Calls& calls) const {
  const auto found = std::ranges::find_if(
      calls.list, [&](const Call& call) { return !call.tool().empty() && !hints_of(request, call); });
  return found == calls.list.end() ? nullptr : &*found;
}

Task<> Proxy::learn_hints(http::Exchange& exchange, const Request& request, const Calls& calls) {
  // The answers of an HTTP+SSE session come on its stream, which is another request.
  if (request.front != Front::mcp || without_hints(request, calls) == nullptr) co_return;
  const auto listed = co_await with_timeout(longest_question, list_tools(exchange, request, calls));
  if (listed && *listed) co_return;
  log::debug("proxy.hints_unknown", {{"adapter", request.route->name},
                                     {"request", exchange.request_id},
                                     {"error", listed ? listed->error().message() : "the server was too slow"}});
}

Task<Result<>> Proxy::list_tools(http::Exchange& exchange, const Request& request, const Calls& calls) {
  std::string cursor;  // As the server wrote it.
  for (int page = 0; page < max_pages; ++page) {
    const Call* const asking = without_hints(request, calls);
    if (asking == nullptr) break;
    const std::string id = fmt::format("\"mcp-gateway-{:016x}\"", random_u64());
    GW_CO_TRY(const std::string answer, co_await ask(exchange, request, id, list_request(id, asking->message, cursor)));
    const auto message = mcp::scan(answer, {.max_bytes = max_filtered});
    if (!message || message->kind != mcp::Kind::response || message->id != id ||
        !mcp::is_json_object(message->result)) {
      co_return fail(Errc::upstream, "the server did not list its tools");
    }
    GW_CO_TRY_OK(filter_lists(message->text, list_shows(request)));
    cursor = mcp::json_member(message->result, "nextCursor");
    if (!mcp::is_json_string(cursor)) break;
  }
  co_return Result<>();
}

Task<Result<std::string>> Proxy::ask(http::Exchange& exchange, const Request& request, std::string_view id,
                                     std::string body) {
  const routing::Endpoint& endpoint = *request.endpoints.front();
  const Duration waiting = longest_question;
  const std::string head = request_head(exchange, request, endpoint, body.size());
  const std::array<std::string_view, 2> pieces{head, body};
  while (true) {
    GW_CO_TRY(upstream::Pool::Lease lease, co_await pool_.acquire(endpoint, request.route->connect_timeout));
    auto answered = co_await lease->send(pieces, waiting);
    if (answered) answered = co_await lease->read_head(false, waiting);
    // The upstream closed an idle connection at the moment when it was used again.
    if (!answered && answered.error().code() == Errc::cancelled && lease.reused()) continue;
    if (!answered) co_return std::unexpected(answered.error());
    if (lease->head().status != 200) co_return fail(Errc::upstream, "the server answered {}", lease->head().status);
    co_return co_await read_response(*lease, id, waiting);
  }
}

}  // namespace gw::proxy
