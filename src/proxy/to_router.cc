// Requests that routers answer.
#include "base/strings.h"
#include "mcp/era.h"
#include "proxy/reply.h"
#include "proxy/request.h"

namespace gw::proxy {
namespace {

bool is_listen(const http::RequestHead& head) {
  return mcp::names_modern_version(head.fields.get(http::Name::mcp_protocol_version)) &&
         iequals(head.fields.get(http::Name::mcp_method), "subscriptions/listen");
}

}  // namespace

Task<Result<>> Proxy::pass_on(http::Exchange& exchange, Routers& routers) {
  const Count count{exchange, counters_};
  const http::RequestHead& head = exchange.request();
  const bool get = head.method == http::Method::get;
  const bool post = head.method == http::Method::post;
  if (!get && !post && head.method != http::Method::del) {
    co_return co_await respond_not_allowed(exchange, "GET, POST, DELETE");
  }
  counters_.router_requests.add();
  Request request;
  request.begun = steady_now();
  request.routers = &routers;
  request.route = routers.route();
  request.upstream_session = head.fields.get(http::Name::mcp_session_id);
  request.repeatable = !post && head.framing == http::Framing::none;
  request.long_lived = get || is_listen(head);
  // The signed filter is the router's to read: it knows whose items these are.
  request.use.who = exchange.caller.get();
  request.use.route = request.route.get();
  request.use.request_id = exchange.request_id;
  request.use.client = access::client_address(access_.settings(), exchange);

  const std::string action = fmt::format("{} {}", head.method_text, head.path);
  const access::Verdict verdict = access_.judge(request.use, {.method = action});
  switch (verdict.answer) {
    case access::Answer::allowed: break;
    case access::Answer::need_scopes: co_return co_await access_.respond_insufficient_scope(exchange, verdict.scopes);
    case access::Answer::unaudited: co_return co_await respond_error(exchange, access::unaudited());
    case access::Answer::hidden:
      co_return co_await respond_error(exchange, Error(Errc::forbidden, "you may not use this server"));
  }
  auto permit = co_await access_.admit(request.use, {}, request.long_lived);
  if (!permit) co_return co_await access_.respond_limited(exchange, permit.error());
  request.permit = *std::move(permit);

  auto forwarded = co_await forward_to_router(exchange, request);
  if (forwarded) co_return Result<>();
  co_return co_await respond_failed(exchange, request, std::move(forwarded).error());
}

// A session belongs to its id, not to the router that opened it: every router can open the seals of all.
std::vector<const routing::Endpoint*> Proxy::routers_for(const http::Exchange& exchange, const Request& request) {
  const http::RequestHead& head = exchange.request();
  std::vector<const routing::Endpoint*> endpoints;
  if (mcp::names_modern_version(head.fields.get(http::Name::mcp_protocol_version))) {
    endpoints = selector_.for_key(*request.route, affinity_key(exchange));
  } else if (!request.upstream_session.empty()) {
    endpoints = selector_.for_key(*request.route, request.upstream_session);
  } else {
    endpoints = selector_.for_new_session(*request.route);
  }
  request.routers->prefer_reachable(endpoints, request.begun);
  return endpoints;
}

Task<Result<>> Proxy::forward_to_router(http::Exchange& exchange, Request& request) {
  request.endpoints = routers_for(exchange, request);
  Error last;
  for (std::size_t i = 0; i < request.endpoints.size(); ++i) {
    const routing::Endpoint& router = *request.endpoints[i];
    if (i > 0) counters_.router_diversions.add();
    auto done = co_await attempt(exchange, request, router);
    if (request.sent) {
      request.routers->reached(router);
      co_return done;
    }
    // No connection could be made, so nothing was sent, and the next one may have it.
    last = done.error();
    request.routers->missed(router, last, steady_now());
  }
  co_return std::unexpected(std::move(last));
}

}  // namespace gw::proxy
