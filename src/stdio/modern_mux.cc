#include "stdio/modern_mux.h"

#include <fmt/core.h>

#include "base/log.h"

namespace gw::stdio {

using mcp::Kind;
using mcp::Message;

ModernMux::Posted ModernMux::post(const Message& m, const std::shared_ptr<streamable::Mailbox>& answers) {
  if (calls_.full() || child_.congested()) {
    return {0, mcp::Refusal{503,
                            mcp::code::internal_error,
                            "The server is too busy: it has not answered or read earlier requests.",
                            std::string(m.id),
                            {}}};
  }
  answers->begin_call();
  const std::uint64_t number = ++last_call_;
  const std::string child_id = std::to_string(number);
  child_.send(mcp::splice(m.text, {{m.id, child_id}, {m.progress_token, child_id}}));
  calls_.add(Call{.number = number,
                  .id = std::string(m.id),
                  .child_id = child_id,
                  .progress_token = std::string(m.progress_token),
                  .child_token = child_id,
                  .method = m.method,
                  .wants_logs = !m.log_level.empty(),
                  .answers = answers});
  return {number, {}};
}

void ModernMux::abandon(std::uint64_t number) {
  const std::string child_id = std::to_string(number);
  const auto call = calls_.take(child_id);
  if (!call) return;
  call->finish({});
  child_.send(
      fmt::format(R"({{"jsonrpc":"2.0","method":"notifications/cancelled","params":{{"requestId":{}}}}})", child_id));
}

void ModernMux::from_child(const Message& m) {
  switch (m.kind) {
    case Kind::request:
      log::debug("stdio.unexpected_request", {{"method", m.method}});
      return child_.send(mcp::error_response(
          m.id, mcp::code::invalid_request, "This revision has no requests from servers: answer with input_required."));
    case Kind::notification: return notification_from_child(m);
    default: return response_from_child(m);
  }
}

void ModernMux::response_from_child(const Message& m) {
  const auto call = calls_.take(canonical_id(m.id));
  if (!call) return log::debug("stdio.unexpected_response", {{"id", m.id}});
  call->finish(mcp::splice(m.text, {{m.id, call->id}, {m.subscription_id, call->id}}));
}

void ModernMux::notification_from_child(const Message& m) {
  const auto deliver = [](const Call& call, std::string message) {
    if (const auto box = call.answers.lock()) box->put(std::move(message));
  };
  if (m.method == "notifications/cancelled") return end_subscription(m);
  if (!m.subscription_id.empty()) {
    if (const Call* const call = calls_.find(canonical_id(m.subscription_id))) {
      deliver(*call, mcp::splice(m.text, {{m.subscription_id, call->id}}));
    }
  } else if (!m.progress.empty()) {
    const Call* const call = calls_.find(canonical_id(m.progress));
    if (call && !call->progress_token.empty())
      deliver(*call, mcp::splice(m.text, {{m.progress, call->progress_token}}));
  } else if (m.method == "notifications/message") {
    // Nothing names the request. It can only be one that asked for logs; with several, it belongs to none for certain.
    const auto asked = [](const Call& c) { return c.wants_logs; };
    if (calls_.count(asked) == 1) deliver(*calls_.latest(asked), std::string(m.text));
  }
}

// On stdio a server may end a subscription with a notification; over HTTP its end is a result.
void ModernMux::end_subscription(const Message& m) {
  const auto call = calls_.take(canonical_id(m.request_id));
  if (!call) return;
  call->finish(mcp::result_response(
      call->id,
      fmt::format(R"({{"resultType":"complete","_meta":{{"io.modelcontextprotocol/subscriptionId":{}}}}})", call->id)));
}

void ModernMux::child_gone(std::string_view why) {
  while (const Call* const latest = calls_.latest([](const Call&) { return true; })) {
    const auto call = calls_.take(std::string(latest->child_id));
    // A subscription just ends: its client opens it again.
    if (call->method == "subscriptions/listen") {
      call->finish({});
    } else {
      call->finish(mcp::error_response(call->id, mcp::code::internal_error, why));
    }
  }
}

}  // namespace gw::stdio
