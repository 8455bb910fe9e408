// Which endpoints may serve a request: the one that has its session, or those that are ready.
#include <algorithm>

#include "base/strings.h"
#include "http/target.h"
#include "mcp/era.h"
#include "proxy/request.h"

namespace gw::proxy {
namespace {

std::int64_t unix_seconds() {
  return std::chrono::duration_cast<std::chrono::seconds>(wall_now().time_since_epoch()).count();
}

bool serves_front(const routing::Endpoint& endpoint, bool sse) {
  return sse ? !endpoint.sse_path.empty() : !endpoint.path.empty();
}

// Empty: nobody is asked who he is.
std::string_view principal_of(const identity::Principal& who) {
  return who.method == identity::Method::none ? std::string_view() : std::string_view(who.user);
}

}  // namespace

std::string_view Proxy::affinity_key(const http::Exchange& exchange) const {
  const std::string_view principal = principal_of(*exchange.caller);
  return principal.empty() ? access::client_address(access_.settings(), exchange) : principal;
}

Result<> Proxy::bind(http::Exchange& exchange, Request& request) {
  const http::RequestHead& head = exchange.request();
  const routing::AdapterRoute& route = *request.route;

  if (request.front == Front::messages) {
    auto sealed = http::query_parameter(head.query, "session_id");
    if (!sealed) sealed = http::query_parameter(head.query, "sessionId");
    if (!sealed)
      return fail(Errc::invalid, "the query has no session_id: POST to the address that the endpoint event named");
    return bind_session(request, *sealed);
  }

  request.modern = mcp::names_modern_version(head.fields.get(http::Name::mcp_protocol_version));
  const std::string_view sealed = head.fields.get(http::Name::mcp_session_id);
  if (request.front == Front::mcp && !request.modern && !sealed.empty()) return bind_session(request, sealed);

  request.endpoints =
      request.modern ? selector_.for_key(route, affinity_key(exchange)) : selector_.for_new_session(route);
  const bool sse = request.front == Front::sse;
  const bool none_ready = request.endpoints.empty();
  std::erase_if(request.endpoints, [&](const routing::Endpoint* endpoint) { return !serves_front(*endpoint, sse); });
  if (!request.endpoints.empty()) return {};
  if (none_ready) {
    const std::string why = route.unavailable_reason.empty()
                                ? fmt::format("none of the endpoints of adapter '{}' is ready", route.name)
                                : route.unavailable_reason;
    return fail(Errc::unavailable, "{}; see /adapters/{}/status", why, route.name);
  }
  return fail(Errc::unsupported, "adapter '{}' does not speak {}: connect to /adapters/{}/{} instead", route.name,
              sse ? "HTTP+SSE" : "Streamable HTTP", route.name, sse ? "mcp" : "sse");
}

Result<> Proxy::bind_session(Request& request, std::string_view sealed_id) {
  const auto unknown = [&]() -> Result<> {
    counters_.sessions_unknown.add();
    return std::unexpected(session::unknown_session());
  };
  const auto sealed = sealer_.open(sealed_id, owner_of(request), unix_seconds());
  if (!sealed) return unknown();
  const routing::Endpoint* const endpoint = request.route->find(sealed->endpoint);
  if (endpoint == nullptr) return unknown();
  // A session of one transport is nothing to the other.
  const bool is_message_target = sealed->upstream_session.starts_with('/');
  if (is_message_target != (request.front == Front::messages)) return unknown();

  request.in_session = true;
  request.endpoints = {endpoint};
  request.upstream_session = sealed->upstream_session;
  request.sealed_session = sealed_id;
  return {};
}

session::Owner Proxy::owner_of(const Request& request) {
  return {.adapter_uid = request.route->uid, .principal = principal_of(*request.use.who)};
}

Result<std::string> Proxy::seal(const Request& request, const routing::Endpoint& endpoint,
                                std::string_view upstream_session) {
  const std::int64_t lifetime = std::chrono::duration_cast<std::chrono::seconds>(options_.session_lifetime).count();
  return sealer_.seal(
      {.endpoint = endpoint.id, .upstream_session = upstream_session, .expires = unix_seconds() + lifetime},
      owner_of(request));
}

}  // namespace gw::proxy
