#include "streamable/answer.h"

#include <charconv>
#include <utility>

#include "mcp/sse.h"

namespace gw::streamable {
namespace {

using http::Exchange;
using http::Last;

// Larger messages are not copied into an event but written in pieces.
constexpr std::size_t large = 64 << 10;

// False when nothing happened for `longest`.
Task<bool> something_in(Mailbox& box, Duration longest) {
  if (box.ready().is_set()) co_return true;
  Timer timer(*Loop::current(), [&box] { box.ready().pulse(); });
  timer.arm(steady_now() + longest);
  co_await box.ready();
  co_return box.ready().is_set();
}

void close_when_draining(Exchange& exchange, const std::shared_ptr<Mailbox>& box, std::string last = {}) {
  exchange.on_drain([weak = std::weak_ptr(box), last = std::move(last)] {
    const auto open = weak.lock();
    if (!open) return;
    if (!last.empty()) open->put(last);
    open->close();
  });
}

Error too_slow() {
  return {Errc::cancelled, "the client reads its stream too slowly"};
}

void start_stream(Exchange& exchange, std::string_view session_id) {
  exchange.start(200, std::nullopt);
  exchange.field("Content-Type", "text/event-stream");
  exchange.field("Cache-Control", "no-cache");
  exchange.field("X-Accel-Buffering", "no");
  if (!session_id.empty()) exchange.field("Mcp-Session-Id", session_id);
}

Task<Result<>> write_event(Exchange& exchange, std::string message) {
  if (message.size() < large || message.find_first_of("\r\n") != std::string::npos) {
    const std::string event = mcp::sse_event(message);
    co_return co_await exchange.write(event, Last::no);
  }
  GW_CO_TRY_OK(co_await exchange.write("event: message\ndata: ", Last::no));
  GW_CO_TRY_OK(co_await exchange.write(message, Last::no));
  co_return co_await exchange.write("\n\n", Last::no);
}

// The events of a stream that has started, to its end.
Task<Result<>> write_events(Exchange& exchange, Mailbox& box, Duration keepalive) {
  while (true) {
    while (auto message = box.take()) GW_CO_TRY_OK(co_await write_event(exchange, *std::move(message)));
    if (box.overflowed()) co_return std::unexpected(too_slow());
    if (box.closed()) co_return co_await exchange.write("", Last::yes);
    const bool something = co_await something_in(box, keepalive);
    if (!something) GW_CO_TRY_OK(co_await exchange.write(mcp::sse_keepalive, Last::no));
  }
}

// For clients that take no stream: the last message is the answer.
Task<std::optional<std::string>> last_message(Mailbox& box) {
  std::optional<std::string> last;
  while (true) {
    while (auto message = box.take()) last = std::move(message);
    if (box.closed()) co_return last;
    co_await box.ready();
  }
}

Task<Result<>> answer_json(Exchange& exchange, const std::string& message, int status, const AnswerStyle& style) {
  exchange.start(style.status ? style.status(message) : status, message.size());
  exchange.field("Content-Type", "application/json");
  const std::string session_id = style.session_id ? style.session_id(message) : std::string();
  if (!session_id.empty()) exchange.field("Mcp-Session-Id", session_id);
  co_return co_await exchange.write(message, Last::yes);
}

}  // namespace

bool accepts(const http::Fields& fields, std::string_view type) {
  bool any = false;
  const std::string_view family = type.substr(0, type.find('/'));
  for (const http::Field& field : fields.all()) {
    if (field.known != http::Name::accept) continue;
    any = true;
    if (http::list_has(field.value, type) || http::list_has(field.value, "*/*") ||
        http::list_has(field.value, std::string(family) + "/*")) {
      return true;
    }
  }
  return !any;
}

mcp::Refusal transport_error(int status, std::string why) {
  return {status, mcp::code::server_error, std::move(why), {}, {}};
}

int modern_status(std::string_view response) {
  const auto message = mcp::scan(response);
  if (!message || message->kind != mcp::Kind::error_response) return 200;
  int code = 0;
  std::from_chars(message->error_code.data(), message->error_code.data() + message->error_code.size(), code);
  switch (code) {
    case mcp::code::method_not_found: return 404;
    case mcp::code::header_mismatch:
    case mcp::code::missing_client_capability:
    case mcp::code::unsupported_protocol_version: return 400;
    default: return 200;
  }
}

Task<Result<>> answer_post(Exchange& exchange, std::shared_ptr<Mailbox> box, AnswerStyle style) {
  exchange.release_request();
  if (style.endless) close_when_draining(exchange, box);
  if (!style.allow_stream) {
    const auto message = co_await last_message(*box);
    if (!message) co_return co_await answer_accepted(exchange);
    co_return co_await answer_json(exchange, *message, box->status(), style);
  }
  co_await something_in(*box, style.keepalive);
  if (box->overflowed()) co_return std::unexpected(too_slow());
  if (box->closed()) {
    const auto message = box->take();
    if (!message) co_return co_await answer_accepted(exchange);  // It was cancelled.
    if (box->empty()) co_return co_await answer_json(exchange, *message, box->status(), style);
    start_stream(exchange, style.session_id ? style.session_id({}) : "");
    GW_CO_TRY_OK(co_await write_event(exchange, *message));
  } else {
    start_stream(exchange, style.session_id ? style.session_id({}) : "");
  }
  co_return co_await write_events(exchange, *box, style.keepalive);
}

Task<Result<>> answer_stream(Exchange& exchange, std::shared_ptr<Mailbox> box, Duration keepalive, std::string first,
                             std::string last) {
  exchange.release_request();
  close_when_draining(exchange, box, std::move(last));
  start_stream(exchange, {});
  // Sends the head at once: the client waits for it.
  GW_CO_TRY_OK(co_await exchange.write(first.empty() ? mcp::sse_keepalive : std::string_view(first), Last::no));
  co_return co_await write_events(exchange, *box, keepalive);
}

Task<Result<>> answer_refusal(Exchange& exchange, mcp::Refusal refusal) {
  const std::string body = refusal.body();
  co_return co_await exchange.respond(refusal.http_status, "application/json", body);
}

Task<Result<>> answer_accepted(Exchange& exchange) {
  co_return co_await exchange.respond(202, "", "");
}

Task<Result<>> answer_wrong_method(Exchange& exchange, std::string_view allowed) {
  const std::string body = mcp::error_response({}, mcp::code::server_error, "Method not allowed.");
  exchange.start(405, body.size());
  exchange.field("Content-Type", "application/json");
  exchange.field("Allow", allowed);
  co_return co_await exchange.write(body, Last::yes);
}

}  // namespace gw::streamable
