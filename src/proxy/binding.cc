// Which endpoints may serve a request: the one that has its session, or those that are ready.
#include <algorithm>

#include "base/strings.h"
#include "http/target.h"
#include "mcp/era.h"
#include "proxy/request.h"

namespace gw::proxy {
namespace {

constexpr std::string_view anonymous = "";  // There is no authentication yet: nobody owns a session.

std::int64_t unix_seconds() {
  return std::chrono::duration_cast<std::chrono::seconds>(wall_now().time_since_epoch()).count();
}

bool serves_front(const routing::Endpoint& endpoint, bool sse) {
  return sse ? !endpoint.sse_path.empty() : !endpoint.path.empty();
}

}  // namespace

bool Proxy::is_trusted(std::string_view address) const {
  return std::any_of(options_.trusted_proxies.begin(), options_.trusted_proxies.end(),
                     [&](const net::AddressBlock& block) { return block.contains(address); });
}

std::string Proxy::client_address(const http::Exchange& exchange) const {
  const std::string& peer = exchange.peer().address;
  if (!is_trusted(peer)) return peer;
  // The last address that no trusted proxy has: everything before it could be invented.
  std::vector<std::string_view> chain;
  for (const http::Field& field : exchange.request().fields.all()) {
    if (field.known != http::Name::x_forwarded_for) continue;
    for (const std::string_view hop : split_list(field.value, ',')) chain.push_back(hop);
  }
  for (auto hop = chain.rbegin(); hop != chain.rend(); ++hop) {
    if (!is_trusted(*hop)) return std::string(*hop);
  }
  return peer;
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
      request.modern ? selector_.for_key(route, client_address(exchange)) : selector_.for_new_session(route);
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
  const auto sealed = sealer_.open(sealed_id, unix_seconds());
  if (!sealed || sealed->adapter_uid != request.route->uid || sealed->principal != anonymous) return unknown();
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

Result<std::string> Proxy::seal(const Request& request, const routing::Endpoint& endpoint,
                                std::string_view upstream_session) {
  const std::int64_t lifetime = std::chrono::duration_cast<std::chrono::seconds>(options_.session_lifetime).count();
  return sealer_.seal({.endpoint = endpoint.id,
                       .upstream_session = upstream_session,
                       .adapter_uid = request.route->uid,
                       .principal = anonymous,
                       .expires = unix_seconds() + lifetime});
}

}  // namespace gw::proxy
