#include "fetch/fetch.h"

#include "base/strings.h"
#include "http/client_connection.h"
#include "http/fields.h"
#include "http/url.h"
#include "runtime/race.h"

namespace gw::fetch {
namespace {

constexpr std::uint64_t longest_age = 1ULL << 31;  // Seconds; RFC 9111, section 1.2.2.

Result<http::Url> accepted_url(const Request& request) {
  const auto url = http::parse_url(request.url);
  if (!url) return fail(Errc::invalid, "the URL cannot be used: {}", url.error().message());
  if (request.require_https && !url->https && !net::is_loopback_host(url->address.host)) {
    return fail(Errc::invalid, "{} must begin with https://", url->shown());
  }
  return url;
}

Result<std::string> head_of(const Request& request, const http::Url& url) {
  std::string head = fmt::format("{} {} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n", http::to_string(request.method),
                                 url.target, url.authority);
  for (const auto& [name, value] : request.fields) {
    if (!http::is_token(name) || !http::is_field_value(value)) {
      return fail(Errc::invalid, "a header field '{}' cannot be sent: it has characters that no field may have",
                  printable(name));
    }
    head += fmt::format("{}: {}\r\n", name, value);
  }
  if (!request.body.empty() || request.method == http::Method::post) {
    head += fmt::format("Content-Length: {}\r\n", request.body.size());
  }
  return head + "\r\n";
}

Task<Result<std::string>> whole_body(http::ClientConnection& connection, const Request& request) {
  const auto too_large = [&] { return fail(Errc::too_large, "the answer has more than {} bytes", request.max_bytes); };
  if (connection.head().framing == http::Framing::length && connection.head().content_length > request.max_bytes) {
    co_return too_large();
  }
  std::string body;
  while (true) {
    GW_CO_TRY(const std::string_view part, co_await connection.read_body(request.timeout));
    if (part.empty()) co_return body;
    if (part.size() > request.max_bytes - body.size()) co_return too_large();
    body += part;
  }
}

Task<Result<Response>> ask(net::Resolver& resolver, const Request& request, const http::Url& url) {
  GW_CO_TRY(const std::string head, head_of(request, url));
  net::ConnectOptions options{
      .address = url.address, .tls = request.tls, .timeout = request.timeout, .egress = request.egress};
  if (!url.https) options.tls = nullptr;
  if (url.https && options.tls == nullptr) {
    GW_CO_TRY(options.tls, net::TlsContext::client(""));
  }
  GW_CO_TRY(auto stream, co_await net::connect(resolver, std::move(options)));

  http::ClientConnection connection(std::move(stream), {});
  const std::array<std::string_view, 2> pieces{head, request.body};
  GW_CO_TRY_OK(co_await connection.send(pieces, request.timeout));
  GW_CO_TRY_OK(co_await connection.read_head(request.method == http::Method::head, request.timeout));
  Response response{.status = connection.head().status};
  for (const http::Field& field : connection.head().fields.all()) {
    response.fields.emplace_back(field.name, field.value);
  }
  GW_CO_TRY(response.body, co_await whole_body(connection, request));
  co_return response;
}

}  // namespace

std::string_view Response::field(std::string_view name) const {
  for (const auto& [known, value] : fields) {
    if (iequals(known, name)) return value;
  }
  return {};
}

std::optional<Duration> Response::max_age() const {
  for (const std::string_view directive : split_list(field("Cache-Control"), ',')) {
    const auto equals = directive.find('=');
    if (equals == std::string_view::npos || !iequals(trim(directive.substr(0, equals)), "max-age")) continue;
    if (const auto seconds = parse_unsigned(trim(directive.substr(equals + 1)))) {
      return std::chrono::seconds(std::min(*seconds, longest_age));
    }
  }
  return {};
}

Task<Result<Response>> fetch(net::Resolver& resolver, Request request) {
  GW_CO_TRY(const http::Url url, accepted_url(request));
  auto answered = co_await with_timeout(request.timeout, ask(resolver, request, url));
  if (answered && *answered) co_return **std::move(answered);
  const std::string what = "cannot fetch " + url.shown();
  if (!answered) {
    const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(request.timeout).count();
    co_return fail(Errc::timeout, "{}: it took longer than {} ms", what, ms);
  }
  const Error& error = answered->error();
  if (error.code() != Errc::cancelled) co_return std::unexpected(error.within(what));
  co_return fail(Errc::upstream, "{}: the server closed the connection without an answer", what);
}

}  // namespace gw::fetch
