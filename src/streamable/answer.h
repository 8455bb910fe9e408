// Writing the messages of a mailbox as the answer to an HTTP request.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "http/service.h"
#include "mcp/jsonrpc.h"
#include "streamable/mailbox.h"

namespace gw::streamable {

struct AnswerStyle {
  Duration keepalive = std::chrono::seconds(15);
  bool endless = false;      // Nobody expects it to end: it does when the server drains.
  bool allow_stream = true;  // False when the client accepts only JSON: it gets the last message and nothing else.
  // Called with the only message of a JSON answer: its HTTP status. By default Mailbox::status().
  std::function<int(std::string_view)> status;
  // Called before a JSON answer (with its message) or the event stream (with nothing) begins: the value of
  // Mcp-Session-Id, or empty.
  std::function<std::string(std::string_view)> session_id;
};

// The answer to a POSTed request: JSON when the one message that it needs comes first and alone, else an event stream.
// A request that stays silent for long becomes a stream too, so that nobody in between gives up on it. A failure means
// that the client is gone, or was too slow and must be cut off.
Task<Result<>> answer_post(http::Exchange& exchange, std::shared_ptr<Mailbox> box, AnswerStyle style);

// An event stream that lasts until the box is closed or the server drains. `first` is sent ahead, as it is; `last` is
// the message that is sent before the server ends it.
Task<Result<>> answer_stream(http::Exchange& exchange, std::shared_ptr<Mailbox> box, Duration keepalive,
                             std::string first = {}, std::string last = {});

// Whether any of the Accept lines allows `type`; without such a line everything is allowed.
bool accepts(const http::Fields& fields, std::string_view type);
// The HTTP status of a response of the modern era that is not streamed.
int modern_status(std::string_view response);

// About the transport and not about a request.
mcp::Refusal transport_error(int status, std::string why);
// A short JSON-RPC answer.
Task<Result<>> answer_refusal(http::Exchange& exchange, mcp::Refusal refusal);
// 202 without a body.
Task<Result<>> answer_accepted(http::Exchange& exchange);
// 405 for another method than those in `allowed`.
Task<Result<>> answer_wrong_method(http::Exchange& exchange, std::string_view allowed);

}  // namespace gw::streamable
