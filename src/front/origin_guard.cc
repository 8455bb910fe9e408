#include "front/origin_guard.h"

#include <algorithm>

#include "base/strings.h"
#include "net/address.h"

namespace gw::front {
namespace {

// The host of "host", "host:port", "[v6]" or "[v6]:port".
std::string_view host_of(std::string_view authority) {
  if (authority.starts_with('[')) {
    const auto end = authority.find(']');
    return end == std::string_view::npos ? std::string_view() : authority.substr(1, end - 1);
  }
  return authority.substr(0, authority.find(':'));
}

bool contains(const std::vector<std::string>& list, std::string_view text) {
  return std::any_of(list.begin(), list.end(),
                     [&](const std::string& item) { return item == "*" || iequals(item, text); });
}

}  // namespace

bool OriginGuard::host_allowed(std::string_view host) const {
  if (contains(options_.allowed_hosts, host)) return true;
  if (options_.loopback_only) return net::is_loopback_host(host);
  return options_.allowed_hosts.empty();
}

Result<> OriginGuard::check(const http::RequestHead& request) const {
  const std::string_view host = host_of(request.authority);
  if (request.authority.empty() || request.authority != good_host_) {
    const bool none_needed = request.authority.empty() && request.minor_version == 0;
    if (!none_needed && !host_allowed(host)) {
      return fail(Errc::forbidden, "the Host '{}' is not a name of this gateway; add it to http.allowedHosts if it is",
                  printable(request.authority, 100));
    }
    good_host_ = request.authority;
  }
  if (!request.fields.has(http::Name::origin)) return {};
  const std::string_view origin = request.fields.get(http::Name::origin);
  if (contains(options_.allowed_origins, origin)) return {};
  const auto scheme_end = origin.find("://");
  if (scheme_end != std::string_view::npos) {
    const std::string_view origin_host = host_of(origin.substr(scheme_end + 3));
    if (options_.loopback_only && net::is_loopback_host(origin_host)) return {};
    if (!options_.allowed_hosts.empty() && iequals(origin_host, host)) return {};
  }
  return fail(Errc::forbidden,
              "pages of the Origin '{}' may not use this gateway; add it to http.allowedOrigins to let them",
              printable(origin, 100));
}

std::string OriginGuard::cors_fields(std::string_view origin) {
  return fmt::format(
      "Access-Control-Allow-Origin: {}\r\nVary: Origin\r\n"
      "Access-Control-Expose-Headers: Mcp-Session-Id, WWW-Authenticate, X-Request-Id, ETag, Location, Link\r\n",
      origin);
}

std::string OriginGuard::preflight_fields() {
  return "Access-Control-Allow-Methods: GET, POST, PUT, DELETE\r\n"
         "Access-Control-Allow-Headers: authorization, x-api-key, content-type, accept, mcp-protocol-version, "
         "mcp-method, "
         "mcp-name, "
         "mcp-session-id, last-event-id, if-match\r\n"
         "Access-Control-Max-Age: 600\r\n";
}

}  // namespace gw::front
