#include "federation/call_events.h"

#include <charconv>

#include "base/strings.h"
#include "federation/results.h"
#include "mcp/json_text.h"
#include "runtime/race.h"

namespace gw::federation {
namespace {

using Declined = peer::Events::Declined;

// The client's capability that a request of a server needs; empty for requests that no client knows.
std::string_view capability_for(std::string_view method) {
  if (method == "sampling/createMessage") return "sampling";
  if (method == "elicitation/create") return "elicitation";
  if (method == "roots/list") return "roots";
  return {};
}

Declined declined_by(std::string_view error) {
  const std::string_view code = mcp::json_member(error, "code");
  const std::string_view message = mcp::json_member(error, "message");
  Declined declined{.code = mcp::code::internal_error, .message = {}, .data = {}};
  if (mcp::is_json_integer(code)) std::from_chars(code.data(), code.data() + code.size(), declined.code);
  if (mcp::is_json_string(message)) declined.message = mcp::json_unquote(message);
  declined.data = std::string(mcp::json_member(error, "data"));
  return declined;
}

}  // namespace

std::string with_logger(std::string_view params, std::string_view source) {
  const std::string_view logger = mcp::json_member(params, "logger");
  std::string name(source);
  if (mcp::is_json_string(logger)) name.append("/").append(mcp::json_unquote(logger));
  return with_members(params, {{"logger", json_quote(name)}});
}

void CallEvents::send(std::string_view method, std::string_view params) {
  const auto box = box_.lock();
  if (!box) return;
  box->put(fmt::format(R"({{"jsonrpc":"2.0","method":{},"params":{}}})", json_quote(method), params));
}

Task<Result<>> CallEvents::notification(std::string_view method, std::string_view params) {
  if (!call_.caller->may_stream) co_return Result<>();
  if (method == "notifications/progress") {
    if (!call_.progress_token.empty()) send(method, with_members(params, {{"progressToken", call_.progress_token}}));
  } else if (method == "notifications/message") {
    send(method, with_logger(params, call_.target.source));
  } else if (method == "notifications/resources/updated") {
    // A modern client hears of it where it listens, a legacy one where it subscribed.
  } else if (call_.caller->era == mcp::Era::legacy) {
    send(method, params);
  }
  co_return Result<>();
}

std::optional<Declined> CallEvents::refuse(std::string_view method, std::string_view params) const {
  const std::string_view capability = capability_for(method);
  if (capability.empty()) return Declined{mcp::code::method_not_found, "Method not found", {}};
  const std::string_view said = mcp::json_member(call_.caller->client->capabilities, capability);
  if (said.empty()) {
    return Declined{capability == "elicitation" ? mcp::code::invalid_params : mcp::code::method_not_found,
                    fmt::format("The client did not say that it can answer {}.", method),
                    {}};
  }
  if (capability == "elicitation") {
    const bool by_url = mcp::json_member(params, "mode") == R"("url")";
    if (mcp::json_member(said, by_url ? "url" : "form").empty()) {
      return Declined{mcp::code::invalid_params, "The client knows no elicitation of this mode.", {}};
    }
  }
  if (!call_.caller->session || !call_.caller->may_stream || box_.expired()) {
    return Declined{mcp::code::internal_error, "The client cannot be asked in the middle of this request.", {}};
  }
  return {};
}

Task<std::expected<std::string, Declined>> CallEvents::request(std::string_view method, std::string_view params) {
  if (auto declined = refuse(method, params)) co_return std::unexpected(*std::move(declined));
  auto question = worker_.shared.questions.ask(call_.caller->session->id);
  if (const auto box = box_.lock()) {
    worker_.counters.questions.add();
    box->put(fmt::format(R"({{"jsonrpc":"2.0","id":{},"method":{},"params":{}}})", question.id(), json_quote(method),
                         params));
  }
  const auto text = co_await with_timeout(worker_.options().answer_timeout, question.answer());
  if (!text) co_return std::unexpected(Declined{mcp::code::internal_error, "The client did not answer in time.", {}});
  const auto message = mcp::scan(*text);
  if (!message) co_return std::unexpected(Declined{mcp::code::internal_error, "The client's answer is malformed.", {}});
  if (message->kind == mcp::Kind::response) co_return std::string(message->result);
  co_return std::unexpected(declined_by(message->error));
}

}  // namespace gw::federation
