#include "stdio/modern_front.h"

#include <charconv>

#include "stdio/answer.h"
#include "stdio/legacy_front.h"

namespace gw::stdio {

using mcp::Message;

Task<Result<>> ModernFront::post(http::Exchange& exchange, bool allow_stream, const mcp::MirrorHeaders& headers,
                                 const Message& m) {
  const mcp::Era era = co_await server_.era();
  if (era == mcp::Era::legacy) {
    co_return co_await answer_refusal(exchange,
                                      {400,
                                       mcp::code::server_error,
                                       "This server speaks revisions before 2026-07-28 only: send initialize.",
                                       std::string(m.id),
                                       {}});
  }
  if (auto refusal = mcp::check_modern(m, headers)) co_return co_await answer_refusal(exchange, *std::move(refusal));
  // The revision has no notifications that clients send over HTTP; closing the response is how they cancel.
  if (m.kind != mcp::Kind::request) co_return co_await answer_accepted(exchange);
  const auto child = server_.child();
  if (!child) co_return co_await answer_refusal(exchange, refusal_of(child.error(), m.id));
  const auto box = std::make_shared<Mailbox>(Mailbox::Ends::with_its_calls, options_.max_message);
  auto posted = (*child)->mux.post(m, box);
  if (posted.refusal) co_return co_await answer_refusal(exchange, *std::move(posted.refusal));
  struct Abandon {
    std::shared_ptr<ModernChild> child;
    std::uint64_t call;
    ~Abandon() { child->mux.abandon(call); }
  } const abandon{*child, posted.call};
  AnswerStyle style{.keepalive = options_.keepalive,
                    .endless = m.method == "subscriptions/listen",
                    .allow_stream = allow_stream,
                    .status = modern_status};
  co_return co_await answer_post(exchange, box, std::move(style));
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

}  // namespace gw::stdio
