#include "peer/incoming.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "base/strings.h"
#include "mcp/json_text.h"
#include "peer/request_text.h"

namespace gw::peer {
namespace {

constexpr std::array<std::string_view, 8> levels = {"debug", "info",     "notice", "warning",
                                                    "error", "critical", "alert",  "emergency"};

}  // namespace

std::optional<int> log_level_index(std::string_view level) {
  const auto* const found = std::find(levels.begin(), levels.end(), level);
  if (found == levels.end()) return {};
  return static_cast<int>(found - levels.begin());
}

std::string_view log_level_name(int index) {
  return levels.at(static_cast<std::size_t>(index));
}

Task<Result<>> pass_on(Outbound& outbound, std::string_view adapter, const mcp::Message& notification, std::uint64_t id,
                       const Ask& ask, Events& events) {
  const std::string& method = notification.method;
  const std::string_view params = notification.params.empty() ? "{}" : notification.params;
  if (method == "notifications/progress") {
    const bool ours = !notification.progress.empty() && parse_unsigned(notification.progress) == id;
    if (!ours || !ask.wants_progress) co_return Result<>();
    co_return co_await events.notification(method, without_member(params, "progressToken"));
  }
  if (method == "notifications/message") {
    const auto wanted = log_level_index(ask.log_level);
    const auto level =
        log_level_index(mcp::json_unquote(mcp::is_json_string(notification.level) ? notification.level : "\"\""));
    if (!wanted || !level || *level < *wanted) co_return Result<>();
    co_return co_await events.notification(method, params);
  }
  if (method.ends_with("/list_changed")) {
    if (outbound.shared.on_change) outbound.shared.on_change(adapter, method);
    co_return Result<>();
  }
  if (method == "notifications/cancelled") co_return Result<>();
  co_return co_await events.notification(method, params);
}

Result<Outcome> to_outcome(const mcp::Message& answer) {
  if (answer.kind == mcp::Kind::response) {
    if (!mcp::is_json_object(answer.result)) return fail(Errc::upstream, "the server's result is not an object");
    const bool plain = answer.result_type.empty() && answer.ttl.empty() && answer.cache_scope.empty();
    return Outcome{.result = std::string(answer.result), .plain = plain, .failed = {}};
  }
  int code = 0;
  const std::string_view digits = answer.error_code;
  const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), code);
  if (read.ec != std::errc() || read.ptr != digits.data() + digits.size()) {
    return fail(Errc::upstream, "the server's error has no code");
  }
  const std::string_view message = mcp::json_member(answer.error, "message");
  return Outcome{
      .result = {},
      .failed = Outcome::Failure{.code = code,
                                 .message = mcp::is_json_string(message) ? mcp::json_unquote(message) : std::string(),
                                 .data = std::string(mcp::json_member(answer.error, "data"))}};
}

std::string caller_fields(const Ask& ask) {
  std::string fields;
  fields.reserve(ask.identity_fields.size() + ask.request_id.size() + 96);
  fields += ask.identity_fields;
  if (!ask.request_id.empty()) fields.append("X-Request-Id: ").append(ask.request_id).append("\r\n");
  if (!ask.client->address.empty()) fields.append("X-Forwarded-For: ").append(ask.client->address).append("\r\n");
  return fields;
}

Task<Result<>> NoEvents::notification(std::string_view, std::string_view) {
  co_return Result<>();
}

Task<std::expected<std::string, Events::Declined>> NoEvents::request(std::string_view, std::string_view) {
  co_return std::unexpected(Declined{mcp::code::method_not_found, "Nobody answers this request.", {}});
}

}  // namespace gw::peer
