#include "stdio/sse_front.h"

#include <fmt/core.h>

#include "http/target.h"
#include "mcp/jsonrpc.h"
#include "mcp/sse.h"
#include "stdio/legacy_front.h"
#include "streamable/answer.h"

namespace gw::stdio {

Task<Result<>> SseFront::open(http::Exchange& exchange) {
  const auto opened = sessions_.open();
  if (!opened) co_return co_await streamable::answer_refusal(exchange, refusal_of(opened.error(), {}));
  struct Ending {
    SessionTable& sessions;
    std::shared_ptr<Session> session;
    ~Ending() { sessions.close(session); }
  } const ending{sessions_, *opened};
  Session& session = **opened;
  session.event_stream =
      std::make_shared<streamable::Mailbox>(streamable::Mailbox::Ends::when_told, options_.max_message);
  session.child->mux.attach_stream(session.client, session.event_stream);
  const std::string endpoint = fmt::format("{}?session_id={}", messages_path_, session.id);
  co_return co_await streamable::answer_stream(exchange, session.event_stream, options_.keepalive,
                                               mcp::sse_event(endpoint, "endpoint"));
}

Task<Result<>> SseFront::post(http::Exchange& exchange) {
  const auto id = http::query_parameter(exchange.request().query, "session_id");
  if (!id) {
    co_return co_await streamable::answer_refusal(
        exchange,
        {400, mcp::code::server_error, "The query lacks session_id: use the URI of the endpoint event.", {}, {}});
  }
  GW_CO_TRY(const std::string body, co_await exchange.read_whole_body(options_.max_message));
  const auto message = mcp::scan(body, {.max_bytes = options_.max_message});
  if (!message) co_return co_await streamable::answer_refusal(exchange, message.error());
  if (message->kind == mcp::Kind::batch) {
    co_return co_await streamable::answer_refusal(
        exchange,
        {400, mcp::code::invalid_request, "Invalid request: this transport takes one message at a time.", {}, {}});
  }
  const auto session = sessions_.find(*id);
  if (!session || !session->event_stream) co_return co_await streamable::answer_refusal(exchange, unknown_session());
  // Answers of every kind go to the stream.
  const auto refusal = sessions_.post(*session, *message, session->event_stream);
  if (refusal && message->kind == mcp::Kind::request) session->event_stream->put(refusal->body());
  co_return co_await exchange.respond(202, "text/plain", "Accepted");
}

}  // namespace gw::stdio
