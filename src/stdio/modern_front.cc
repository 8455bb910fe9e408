#include "stdio/modern_front.h"

#include "stdio/legacy_front.h"
#include "streamable/answer.h"

namespace gw::stdio {

using mcp::Message;

Task<Result<>> ModernFront::post(http::Exchange& exchange, bool allow_stream, const mcp::MirrorHeaders& headers,
                                 const Message& m) {
  const mcp::Era era = co_await server_.era();
  if (era == mcp::Era::legacy) {
    co_return co_await streamable::answer_refusal(
        exchange, {400,
                   mcp::code::server_error,
                   "This server speaks revisions before 2026-07-28 only: send initialize.",
                   std::string(m.id),
                   {}});
  }
  if (auto refusal = mcp::check_modern(m, headers))
    co_return co_await streamable::answer_refusal(exchange, *std::move(refusal));
  // The revision has no notifications that clients send over HTTP; closing the response is how they cancel.
  if (m.kind != mcp::Kind::request) co_return co_await streamable::answer_accepted(exchange);
  const auto child = server_.child();
  if (!child) co_return co_await streamable::answer_refusal(exchange, refusal_of(child.error(), m.id));
  const auto box =
      std::make_shared<streamable::Mailbox>(streamable::Mailbox::Ends::with_its_calls, options_.max_message);
  auto posted = (*child)->mux.post(m, box);
  if (posted.refusal) co_return co_await streamable::answer_refusal(exchange, *std::move(posted.refusal));
  struct Abandon {
    std::shared_ptr<ModernChild> child;
    std::uint64_t call;
    ~Abandon() { child->mux.abandon(call); }
  } const abandon{*child, posted.call};
  streamable::AnswerStyle style{.keepalive = options_.keepalive,
                                .endless = m.method == "subscriptions/listen",
                                .allow_stream = allow_stream,
                                .status = streamable::modern_status};
  co_return co_await streamable::answer_post(exchange, box, std::move(style));
}

}  // namespace gw::stdio
