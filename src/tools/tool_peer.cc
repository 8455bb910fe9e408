#include "tools/tool_peer.h"

#include <algorithm>

#include "base/log.h"
#include "base/strings.h"
#include "mcp/json_text.h"
#include "mcp/jsonrpc.h"
#include "runtime/backoff.h"
#include "runtime/event.h"
#include "runtime/race.h"
#include "runtime/random.h"
#include "tools/http_answer.h"
#include "tools/same_server.h"

namespace gw::tools {
namespace {

constexpr BackoffOptions pauses{.first = std::chrono::milliseconds(200), .longest = std::chrono::seconds(5)};

// One call, as many attempts as it may take.
class Call {
 public:
  Call(peer::Outbound& outbound, const routing::AdapterRoute& route, const Tool& tool, const peer::Ask& ask)
      : outbound_(outbound), route_(route), tool_(tool), ask_(ask) {}

  Task<Result<std::string>> run(std::string_view arguments) {
    if (const auto problems = tool_.input.check(arguments); !problems.empty()) {
      co_return error_result(problems_text("The arguments are not valid", problems));
    }
    std::expected<HttpAnswer, NoAnswer> answer = std::unexpected(NoAnswer());
    for (std::uint32_t failures = 0;;) {
      answer = co_await try_endpoints(arguments);
      if (!may_try_again(answer) || failures == tool_.spec->retries) break;
      outbound_.counters.repeated.add();
      co_await sleep_for(backoff(pauses, ++failures, random_u64()));
    }
    if (bad_argument_) co_return error_result(problems_text("The arguments are not valid", {*bad_argument_}));
    if (!answer) co_return std::unexpected(answer.error().error);
    co_return bounded(call_result(route_.name, *answer, tool_.output ? &*tool_.output : nullptr));
  }

  // Whether any of the attempts was answered.
  bool heard() const { return heard_; }

 private:
  // Escapes, base64 and what stands in it twice make a result longer than its answer.
  std::string bounded(std::string result) const {
    const std::size_t most = outbound_.shared.options.max_message;
    if (result.size() <= most) return result;
    return error_result(fmt::format("the server's answer makes a result of {} bytes, which is more than {} bytes",
                                    result.size(), most));
  }

  bool may_try_again(const std::expected<HttpAnswer, NoAnswer>& answer) const {
    if (!tool_.repeatable || bad_argument_) return false;
    if (!answer) return answer.error().worth_another;
    return answer->status == 502 || answer->status == 503 || answer->status == 504;
  }

  // The ready endpoints in turn, until one has seen the request.
  Task<std::expected<HttpAnswer, NoAnswer>> try_endpoints(std::string_view arguments) {
    const std::string key = ask_.client && ask_.client->who ? ask_.client->who->user : std::string();
    const auto endpoints = outbound_.selector.for_key(route_, key.empty() && ask_.client ? ask_.client->address : key);
    std::expected<HttpAnswer, NoAnswer> answer = std::unexpected(NoAnswer{unavailable(), false});
    for (const routing::Endpoint* const endpoint : endpoints) {
      const auto request = make_request(*tool_.spec, endpoint->path, arguments);
      if (!request) {
        bad_argument_ = jsonschema::Problem{request.error().field(), request.error().message()};
        co_return answer;
      }
      answer = co_await exchange(outbound_.pool, route_, *endpoint, ask_, *request,
                                 outbound_.shared.options.max_message, heard_);
      if (answer || answer.error().sent) break;
    }
    co_return answer;
  }

  Error unavailable() const {
    if (!route_.unavailable_reason.empty()) return {Errc::unavailable, route_.unavailable_reason};
    return {Errc::unavailable, "no instance of its server is ready"};
  }

  peer::Outbound& outbound_;
  const routing::AdapterRoute& route_;
  const Tool& tool_;
  const peer::Ask& ask_;
  bool heard_ = false;
  std::optional<jsonschema::Problem> bad_argument_;  // What no schema knows: it cannot stand in the path.
};

Duration longest(const routing::AdapterRoute& route) {
  const Duration own = route.tool->timeout;
  return route.call_timeout > Duration::zero() ? std::min(own, route.call_timeout) : own;
}

std::unexpected<Error> no_answer_within(Duration longest) {
  return fail(Errc::timeout, "no answer came within {} ms",
              std::chrono::duration_cast<std::chrono::milliseconds>(longest).count());
}

}  // namespace

Task<Result<peer::Outcome>> ToolPeer::call(const peer::Ask& ask, peer::Events&) {
  if (ask.method != "tools/call") {
    co_return peer::Outcome{
        .failed = peer::Outcome::Failure{
            mcp::code::method_not_found, fmt::format("a tool does not answer {}", printable(ask.method, 80)), {}}};
  }
  outbound_.counters.calls.add();
  auto outcome = co_await call_tool(ask);
  if (!outcome) {
    outbound_.counters.failures.add();
    outcome = std::unexpected(outcome.error().within(fmt::format("tool '{}'", tool_)));
    log::debug("tools.call_failed", {{"tool", tool_}, {"error", outcome.error().message()}});
  }
  co_return outcome;
}

Task<Result<peer::Outcome>> ToolPeer::call_tool(const peer::Ask& ask) {
  const routing::RoutePtr route = outbound_.routes.find(tool_);
  if (route == nullptr || !route->tool) co_return fail(Errc::not_found, "there is no such tool");
  GW_CO_TRY(const ToolPtr tool, cache_.find(*route));
  const std::string_view given = mcp::json_member(ask.params, "arguments");
  const std::string_view arguments = given.empty() ? "{}" : given;
  Call call(outbound_, *route, *tool, ask);
  auto in_time = co_await with_timeout(longest(*route), call.run(arguments));
  Result<std::string> result = in_time ? *std::move(in_time) : no_answer_within(longest(*route));
  if (is_still(*route)) {
    if (call.heard()) health_.answered(tool_);
    if (!call.heard() && !result) health_.unanswered(tool_, result.error().message());
  }
  GW_CO_TRY(auto text, std::move(result));
  co_return peer::Outcome{.result = std::move(text)};
}

// A call may take longer than its tool has this server.
bool ToolPeer::is_still(const routing::AdapterRoute& route) const {
  const routing::RoutePtr now = outbound_.routes.find(tool_);
  return now != nullptr && same_server(route, *now);
}

}  // namespace gw::tools
