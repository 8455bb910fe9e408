#include "proxy/request_head.h"

#include <algorithm>
#include <charconv>

#include "base/strings.h"
#include "http/forwarding.h"

namespace gw::proxy {
namespace {

using http::Name;

bool has_prefix(std::string_view name, std::string_view prefix) {
  return iequals(name.substr(0, prefix.size()), prefix);
}

bool forwards_to_upstream(const http::Field& field, const UpstreamHead& head) {
  if (http::concerns_connection(field.known) || http::concerns_identity(field.known)) return false;
  switch (field.known) {
    case Name::host:
    case Name::content_length:
    case Name::expect:
    case Name::mcp_session_id:
    case Name::origin:
    case Name::x_request_id:
    case Name::x_forwarded_for:  // Extended below.
    case Name::forwarded: return false;
    case Name::mcp_method:
    case Name::mcp_name: return !head.list_length;
    case Name::x_forwarded_host:
    case Name::x_forwarded_proto: return head.trust_forwarded;
    case Name::other: break;
    default: return true;
  }
  if (has_prefix(field.name, "proxy-") || has_prefix(field.name, "x-dev-")) return false;
  if (iequals(field.name, "proxy")) return false;  // HTTP_PROXY of a server behind CGI.
  if (head.plain && iequals(field.name, "accept-encoding")) return false;
  if (head.list_length && has_prefix(field.name, "mcp-param-")) return false;
  if (field.name.find('_') == std::string_view::npos) return true;
  std::string name(field.name);
  std::replace(name.begin(), name.end(), '_', '-');
  return forwards_to_upstream({name, field.value, http::known_name(name)}, head);
}

void add(std::string& out, std::string_view name, std::string_view value) {
  out.append(name).append(": ").append(value).append("\r\n");
}

void add_content_length(std::string& out, std::uint64_t length) {
  char digits[20];
  const auto end = std::to_chars(digits, digits + sizeof digits, length).ptr;
  add(out, "Content-Length", {digits, static_cast<std::size_t>(end - digits)});
}

// Fetch, section 3.2: about the origin that answers, which for a page is the gateway. Twice the same field is an error.
bool names_cors(std::string_view name) {
  constexpr std::string_view start = "access-control-";
  return iequals(name.substr(0, start.size()), start);
}

// RFC 7239 section 6: an IPv6 address is bracketed and quoted.
std::string forwarded_node(std::string_view address) {
  return address.find(':') == std::string_view::npos ? std::string(address) : "\"[" + std::string(address) + "]\"";
}

void add_forwarding(std::string& out, const http::Exchange& exchange, bool trusted) {
  const http::RequestHead& request = exchange.request();
  const std::string_view proto = exchange.peer().tls ? "https" : "http";
  const std::string_view peer = exchange.peer().address;

  out += "X-Forwarded-For: ";
  if (trusted) {
    for (const http::Field& field : request.fields.all()) {
      if (field.known == Name::x_forwarded_for) out.append(field.value).append(", ");
    }
  }
  out.append(peer).append("\r\n");
  if (!trusted || !request.fields.has(Name::x_forwarded_proto)) add(out, "X-Forwarded-Proto", proto);
  if (!trusted || !request.fields.has(Name::x_forwarded_host)) add(out, "X-Forwarded-Host", request.authority);

  out += "Forwarded: ";
  if (trusted) {
    for (const http::Field& field : request.fields.all()) {
      if (field.known == Name::forwarded) out.append(field.value).append(", ");
    }
  }
  out.append("for=").append(forwarded_node(peer)).append(";proto=").append(proto).append("\r\n");
}

}  // namespace

std::string build_request_head(const http::Exchange& exchange, const routing::AdapterRoute& route,
                               const routing::Endpoint& endpoint, const UpstreamHead& head) {
  const http::RequestHead& request = exchange.request();
  std::string out;
  out.reserve(1024);
  out.append(request.method_text).append(" ").append(head.target).append(" HTTP/1.1\r\n");
  add(out, "Host", endpoint.host);

  const bool names_fields = request.fields.has(Name::connection);
  for (const http::Field& field : request.fields.all()) {
    if (!forwards_to_upstream(field, head) || (names_fields && http::is_named_in_connection(request.fields, field)))
      continue;
    const bool replaced = std::any_of(route.extra_names.begin(), route.extra_names.end(),
                                      [&](const std::string& name) { return iequals(name, field.name); });
    if (!replaced) add(out, field.name, field.value);
  }
  if (!head.session.empty()) add(out, "Mcp-Session-Id", head.session);
  if (!exchange.request_id.empty()) add(out, "X-Request-Id", exchange.request_id);
  add_forwarding(out, exchange, head.trust_forwarded);
  out += head.identity;
  out += route.extra_fields;
  if (head.list_length) {
    if (request.fields.has(Name::mcp_method)) add(out, "Mcp-Method", "tools/list");
    add_content_length(out, *head.list_length);
    out += "\r\n";
    return out;
  }
  if (request.framing == http::Framing::chunked) add(out, "Transfer-Encoding", "chunked");
  if (request.framing == http::Framing::length) add_content_length(out, request.content_length);
  out += "\r\n";
  return out;
}

bool forwards_to_client(const http::Fields& fields, const http::Field& field) {
  if (http::concerns_connection(field.known)) return false;
  if (names_cors(field.name)) return false;
  switch (field.known) {
    case Name::content_length:
    case Name::date:
    case Name::mcp_session_id:
    case Name::set_cookie:
    case Name::www_authenticate:
    case Name::x_request_id: return false;
    default: return !fields.has(Name::connection) || !http::is_named_in_connection(fields, field);
  }
}

}  // namespace gw::proxy
