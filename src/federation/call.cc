#include "federation/call.h"

#include "base/log.h"
#include "base/strings.h"
#include "catalogue/rewrite.h"
#include "federation/call_events.h"
#include "federation/inputs.h"
#include "federation/request_state.h"
#include "federation/results.h"
#include "mcp/json_text.h"
#include "runtime/race.h"

namespace gw::federation {
namespace {

using peer::Outcome;

bool is_tool_call(const Call& call) {
  return call.ask.method == "tools/call";
}

StateOwner state_owner(const Call& call) {
  return {.source = call.target.source,
          .user = call.caller->client->who->user,
          .method = call.ask.method,
          .item = call.target.upstream_name};
}

std::string type_of(const Outcome& outcome) {
  return outcome.plain ? "complete" : result_type(outcome.result);
}

// The result of a server that wants to know more: its state is wrapped.
Reply input_required(Worker& worker, const Call& call, std::string result) {
  const std::string_view raw = mcp::json_member(result, "requestState");
  if (mcp::is_json_string(raw)) {
    const std::int64_t until =
        unix_now() + std::chrono::duration_cast<std::chrono::seconds>(worker.options().session_lifetime).count();
    const auto wrapped = wrap_state(worker.sealer, mcp::json_unquote(raw), state_owner(call), until);
    if (!wrapped) {
      return error_reply(call.id, {mcp::code::internal_error, wrapped.error().message(), {}}, call.caller->era);
    }
    result = with_members(result, {{"requestState", json_quote(*wrapped)}});
  }
  return result_reply(call.id, for_modern(result, worker.server_info, false));
}

Reply reply_to(Worker& worker, const Call& call, Outcome outcome) {
  std::string& result = outcome.result;
  const catalogue::Snapshot& snapshot = call.caller->snapshot();
  auto rewritten = catalogue::rewrite_addresses(
      result, [&](std::string_view uri) { return snapshot.client_address(call.target.source, uri); });
  if (rewritten) result = *std::move(rewritten);
  const std::string type = type_of(outcome);
  const bool modern = call.caller->era == mcp::Era::modern;
  if (modern && type == "input_required") return input_required(worker, call, std::move(result));
  if (type != "complete") {
    return error_reply(call.id,
                       {mcp::code::internal_error,
                        fmt::format("The server of '{}' answered with a kind of result that is not known here: {}.",
                                    call.target.source, printable(type, 40)),
                        {}},
                       call.caller->era);
  }
  const bool cacheable = call.ask.method == "resources/read";
  if (modern) return result_reply(call.id, for_modern(result, worker.server_info, cacheable));
  return result_reply(call.id, outcome.plain ? std::move(result) : for_legacy(std::move(result)));
}

Reply reply_to(const Call& call, const Outcome::Failure& failure) {
  const bool reads = call.ask.method == "resources/read";
  const bool lacks_capability = failure.code == mcp::code::missing_client_capability;
  if (lacks_capability && call.caller->era == mcp::Era::legacy && is_tool_call(call)) {
    return result_reply(call.id, tool_failure(failure.message));
  }
  return error_reply(call.id, for_client(failure, call.caller->era, reads ? call.target.name : std::string()),
                     call.caller->era);
}

Reply reply_to(Worker& worker, const Call& call, const Error& error) {
  worker.counters.failed_calls.add();
  log::debug("federation.call_failed", {{"adapter", call.target.source},
                                        {"code", to_string(error.code())},
                                        {"error", error.message()},
                                        {"request", call.ask.request_id}});
  if (!is_tool_call(call)) {
    return error_reply(call.id, {mcp::code::internal_error, error.message(), {}}, call.caller->era);
  }
  const std::string result = tool_failure(error.message());
  const bool modern = call.caller->era == mcp::Era::modern;
  return result_reply(call.id, modern ? for_modern(result, worker.server_info, false) : result);
}

}  // namespace

Reply result_reply(std::string_view id, std::string_view result) {
  return {mcp::result_response(id, result), 200};
}

Reply error_reply(std::string_view id, const Outcome::Failure& failure, mcp::Era era) {
  int status = 200;
  if (era == mcp::Era::modern) {
    if (failure.code == mcp::code::method_not_found) status = 404;
    if (failure.code == mcp::code::header_mismatch || failure.code == mcp::code::missing_client_capability ||
        failure.code == mcp::code::unsupported_protocol_version) {
      status = 400;
    }
  }
  return {mcp::error_response(id, failure.code, failure.message, failure.data), status};
}

Task<Reply> run_call(Worker& worker, const Call& call, std::weak_ptr<streamable::Mailbox> box) {
  const auto server = worker.backends.peer(call.target.source);
  CallEvents events(worker, call, std::move(box));
  std::optional<peer::Ask> completed;  // With the client's answers.
  for (unsigned round = 0;; ++round) {
    auto outcome = co_await server->call(completed ? *completed : call.ask, events);
    if (!outcome) co_return reply_to(worker, call, outcome.error());
    Outcome& answer = *outcome;
    if (answer.failed) co_return reply_to(call, *answer.failed);
    const bool asks = call.caller->era == mcp::Era::legacy && type_of(answer) == "input_required";
    if (!asks) co_return reply_to(worker, call, std::move(answer));
    auto params = co_await answer_inputs(call.ask.params, answer.result, round, events);
    if (!params) {
      if (is_tool_call(call)) co_return result_reply(call.id, tool_failure(params.error().message));
      co_return error_reply(call.id, params.error(), call.caller->era);
    }
    completed = call.ask;
    completed->params = *std::move(params);
    completed->repeatable = false;
  }
}

}  // namespace gw::federation
