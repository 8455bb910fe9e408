#include "stdio/bridge.h"

#include <string>
#include <utility>

#include <fmt/core.h>

#include "mcp/era.h"
#include "streamable/answer.h"

namespace gw::stdio {
namespace {

using http::Name;

// A view of a field's value that outlives the head.
std::optional<std::string> copy(const http::Fields& fields, Name name) {
  if (!fields.has(name)) return {};
  return std::string(fields.get(name));
}

}  // namespace

Bridge::Bridge(Loop& loop, ChildStarter& starter, const BridgeOptions& options, std::function<void()> on_change)
    : options_(options),
      sessions_(loop, starter, options, std::move(on_change)),
      modern_(loop, starter, options),
      legacy_front_(sessions_, options_),
      modern_front_(modern_, options_),
      sse_front_(sessions_, options_, std::string(messages_path)) {}

Bridge::~Bridge() = default;

Task<Result<>> Bridge::handle(http::Exchange& exchange) {
  if (shutting_down_)
    co_return co_await streamable::answer_refusal(exchange,
                                                  streamable::transport_error(503, "The server is being stopped."));
  const auto& request = exchange.request();
  if (request.path == mcp_path) co_return co_await handle_mcp(exchange);
  if (request.path == sse_path) {
    if (request.method == http::Method::get) co_return co_await sse_front_.open(exchange);
    co_return co_await streamable::answer_wrong_method(exchange, "GET");
  }
  if (request.path == messages_path) {
    if (request.method == http::Method::post) co_return co_await sse_front_.post(exchange);
    co_return co_await streamable::answer_wrong_method(exchange, "POST");
  }
  co_return fail(Errc::not_found, "there is nothing at this path; the server is at {}", mcp_path);
}

Task<Result<>> Bridge::handle_mcp(http::Exchange& exchange) {
  const auto& request = exchange.request();
  switch (request.method) {
    case http::Method::post: co_return co_await post(exchange);
    case http::Method::get:
      if (streamable::accepts(request.fields, "text/event-stream")) co_return co_await legacy_front_.get(exchange);
      co_return co_await streamable::answer_refusal(
          exchange, streamable::transport_error(406, "The header Accept must allow text/event-stream."));
    case http::Method::del: co_return co_await legacy_front_.end(exchange);
    default: co_return co_await streamable::answer_wrong_method(exchange, "GET, POST, DELETE");
  }
}

Task<Result<>> Bridge::post(http::Exchange& exchange) {
  const http::Fields& fields = exchange.request().fields;
  if (!http::is_media_type(fields.get(Name::content_type), "application/json")) {
    co_return co_await streamable::answer_refusal(
        exchange, streamable::transport_error(415, "The header Content-Type must be application/json."));
  }
  const bool allow_stream = streamable::accepts(fields, "text/event-stream");
  if (!allow_stream && !streamable::accepts(fields, "application/json")) {
    co_return co_await streamable::answer_refusal(
        exchange,
        streamable::transport_error(406, "The header Accept must allow application/json and text/event-stream."));
  }
  const auto version = copy(fields, Name::mcp_protocol_version);
  const auto method = copy(fields, Name::mcp_method);
  const auto name = copy(fields, Name::mcp_name);
  const PostHead head{std::string(fields.get(Name::mcp_session_id)), version.value_or(""), allow_stream};
  GW_CO_TRY(const std::string body, co_await exchange.read_whole_body(options_.max_message));
  const auto message = mcp::scan(body, {.max_bytes = options_.max_message});
  if (!message) co_return co_await streamable::answer_refusal(exchange, message.error());
  const mcp::MirrorHeaders headers{version, method, name};
  const auto era = mcp::classify(*message, headers);
  if (!era) co_return co_await streamable::answer_refusal(exchange, era.error());
  if (*era == mcp::Era::modern) co_return co_await modern_front_.post(exchange, allow_stream, headers, *message);
  co_return co_await legacy_front_.post(exchange, head, *message);
}

Health Bridge::health() const {
  Health health = sessions_.health();
  const StartBackoff& modern = modern_.starts();
  if (health.state != process::InstanceState::ready || modern.failures() == 0) return health;
  health.state = state_of_failures(modern.failures());
  health.last_error = fmt::format("the server has ended: {}", modern.why());
  return health;
}

Task<> Bridge::shut_down() {
  shutting_down_ = true;
  sessions_.close_all();
  modern_.stop();
  co_await sessions_.quiet();
  co_await modern_.quiet();
}

}  // namespace gw::stdio
