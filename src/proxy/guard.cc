// What the caller may do with an adapter and with the items of its server, and the answers when he may not.
#include <algorithm>
#include <span>

#include <fmt/ranges.h>

#include "base/strings.h"
#include "proxy/inspect.h"
#include "proxy/reply.h"
#include "proxy/request.h"

namespace gw::proxy {
namespace {

constexpr std::string_view not_sent = "Not sent: another message of the batch was refused.";

// What became of the messages of a request.
struct Judgement {
  bool unaudited = false;
  bool hidden = false;               // Some item of it is not there for the caller.
  std::vector<std::string> scopes;   // That the caller lacks.
  std::vector<std::string> answers;  // A JSON-RPC error for each request.

  bool allowed() const { return !unaudited && !hidden && scopes.empty(); }
};

std::string batch_of(const std::vector<std::string>& messages) {
  return fmt::format("[{}]", fmt::join(messages, ","));
}

}  // namespace

// The role rules and the policy, as Access::may_use asks them, without a record: nothing is used.
bool Proxy::may_know(const http::Exchange& exchange, const routing::AdapterRoute& route) const {
  const access::Use use{.who = exchange.caller.get(),
                        .route = &route,
                        .capabilities = {},
                        .request_id = {},
                        .client = std::string(access::client_address(access_.settings(), exchange))};
  return identity::may_read(*use.who, route.ownership, access_.settings().auth->options.admin_role) &&
         access_.shows(use, policy::ItemKind::none, {}, {});
}

Task<Result<>> Proxy::respond_no_adapter(http::Exchange& exchange, std::string_view adapter) {
  const std::string name = printable(adapter, 80);
  std::vector<std::string> known = routes_.names();
  std::erase_if(known, [&](const std::string& other) {
    const routing::RoutePtr route = routes_.find(other);
    return route->tool || !may_know(exchange, *route);
  });
  const auto near = nearest(name, known);
  co_return co_await respond_error(
      exchange, Error(Errc::not_found, near ? fmt::format("there is no adapter '{}'; did you mean '{}'?", name, *near)
                                            : fmt::format("there is no adapter '{}'; GET /adapters lists them", name)));
}

Task<Result<>> Proxy::respond_refused(http::Exchange& exchange, const Request& request,
                                      const access::Verdict& verdict) {
  switch (verdict.answer) {
    case access::Answer::need_scopes: return access_.respond_insufficient_scope(exchange, verdict.scopes);
    case access::Answer::unaudited: return respond_error(exchange, access::unaudited());
    default: return respond_no_adapter(exchange, request.adapter);
  }
}

Task<Result<bool>> Proxy::admit(http::Exchange& exchange, Request& request, std::string_view tool) {
  auto permit = co_await access_.admit(request.use, tool, request.long_lived);
  if (permit) {
    request.of_others.push_back(*std::move(permit));
    co_return true;
  }
  GW_CO_TRY_OK(co_await access_.respond_limited(exchange, permit.error()));
  co_return false;
}

// Streams that are opened and sessions that are ended hold no message, but the trail wants to know.
Task<Result<bool>> Proxy::pass_without_message(http::Exchange& exchange, Request& request) {
  const http::RequestHead& head = exchange.request();
  if (head.framing == http::Framing::chunked || head.content_length > 0) {
    request.body_failed = true;
    co_return fail(Errc::invalid, "a {} has no body here", head.method_text);
  }
  GW_CO_TRY(const bool admitted, co_await admit(exchange, request, {}));
  if (!admitted) co_return false;
  const access::Verdict verdict = access_.judge(request.use, {.method = head.method_text});
  if (verdict.answer == access::Answer::allowed) co_return true;
  GW_CO_TRY_OK(co_await respond_refused(exchange, request, verdict));
  co_return false;
}

Task<Result<bool>> Proxy::pass_messages(http::Exchange& exchange, Request& request) {
  const http::RequestHead& head = exchange.request();
  if (head.method != http::Method::post) co_return co_await pass_without_message(exchange, request);

  mcp::ScanLimits limits;
  if (request.route->max_body_bytes > 0) limits.max_bytes = request.route->max_body_bytes;
  if (request.route->max_depth > 0) limits.max_depth = request.route->max_depth;
  auto body = co_await exchange.read_whole_body(limits.max_bytes);
  if (!body) {
    request.body_failed = true;
    co_return std::unexpected(body.error());
  }
  request.body = *std::move(body);
  const auto calls = inspect(*request.body, head.fields, limits);
  if (!calls) {
    GW_CO_TRY_OK(co_await exchange.respond(calls.error().http_status, "application/json", calls.error().body()));
    co_return false;
  }
  request.long_lived = calls->era == mcp::Era::modern && calls->method() == "subscriptions/listen";
  const bool asks_for_something = std::ranges::any_of(calls->list, &Call::is_request);
  if (!asks_for_something) co_return co_await admit(exchange, request, {});
  for (const Call& call : calls->list) {
    if (!call.is_request()) continue;
    GW_CO_TRY(const bool admitted, co_await admit(exchange, request, call.tool()));
    if (!admitted) co_return false;
  }
  if (access_.looks_at_hints(request.use)) co_await learn_hints(exchange, request, *calls);
  co_return co_await judge(exchange, request, *calls);
}

Task<Result<bool>> Proxy::judge(http::Exchange& exchange, Request& request, const Calls& calls) {
  Judgement judgement;
  for (const Call& call : calls.list) {
    if (!call.is_request()) continue;
    const Item none;
    const bool has_items = !call.items.empty();
    access::Verdict verdict;
    const Item* refused = nullptr;
    for (const Item& item : has_items ? std::span(call.items) : std::span(&none, 1)) {
      verdict = access_.judge(request.use, {.method = call.message.method,
                                            .kind = item.kind,
                                            .item = item.name,
                                            .hints = judged_hints(request, call),
                                            .arguments = call.arguments()});
      if (verdict.answer == access::Answer::allowed) continue;
      refused = has_items ? &item : nullptr;
      break;
    }
    const bool hidden = verdict.answer == access::Answer::hidden;
    judgement.unaudited |= verdict.answer == access::Answer::unaudited;
    judgement.hidden |= hidden;
    for (std::string& scope : verdict.scopes) {
      if (std::ranges::find(judgement.scopes, scope) == judgement.scopes.end()) {
        judgement.scopes.push_back(std::move(scope));
      }
    }
    judgement.answers.push_back(hidden ? unknown_error(call, refused, calls.era)
                                       : mcp::error_response(call.message.id, mcp::code::server_error, not_sent));
  }
  if (judgement.allowed()) co_return true;
  if (judgement.unaudited) {
    GW_CO_TRY_OK(co_await respond_error(exchange, access::unaudited()));
  } else if (judgement.hidden) {
    // A client of HTTP+SSE reads no answer to its POST but the status.
    const int status = request.front == Front::messages ? 403 : 200;
    const std::string body = calls.batch ? batch_of(judgement.answers) : judgement.answers[0];
    GW_CO_TRY_OK(co_await exchange.respond(status, "application/json", body));
  } else {
    GW_CO_TRY_OK(co_await access_.respond_insufficient_scope(exchange, judgement.scopes));
  }
  co_return false;
}

}  // namespace gw::proxy
