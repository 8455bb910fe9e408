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

// "cannot fetch https://host/path: …"
Error described(const Error& error, const std::string& what) {
  if (error.code() != Errc::cancelled) return error.within(what);
  return {Errc::upstream, what + ": the server closed the connection without an answer"};
}

std::string what_of(const http::Url& url) {
  return "cannot fetch " + url.shown();
}

Error too_slow(const std::string& what, Duration timeout) {
  const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(timeout).count();
  return {Errc::timeout, fmt::format("{}: it took longer than {} ms", what, ms)};
}

Task<Result<std::unique_ptr<http::ClientConnection>>> exchange_heads(net::Resolver& resolver, const Request& request,
                                                                     const http::Url& url) {
  GW_CO_TRY(const std::string head, head_of(request, url));
  net::ConnectOptions options{
      .address = url.address, .tls = request.tls, .timeout = request.timeout, .egress = request.egress};
  if (!url.https) options.tls = nullptr;
  if (url.https && options.tls == nullptr) {
    GW_CO_TRY(options.tls, net::TlsContext::client(""));
  }
  GW_CO_TRY(auto stream, co_await net::connect(resolver, std::move(options)));

  auto connection = std::make_unique<http::ClientConnection>(std::move(stream), http::ParserLimits{});
  const std::array<std::string_view, 2> pieces{head, request.body};
  GW_CO_TRY_OK(co_await connection->send(pieces, request.timeout));
  GW_CO_TRY_OK(co_await connection->read_head(request.method == http::Method::head, request.timeout));
  co_return connection;
}

Task<Result<Answer>> begin(net::Resolver& resolver, const Request& request, const http::Url& url) {
  auto connection = co_await exchange_heads(resolver, request, url);
  if (!connection) co_return std::unexpected(described(connection.error(), what_of(url)));
  Response head{.status = (*connection)->head().status};
  for (const http::Field& field : (*connection)->head().fields.all()) head.fields.emplace_back(field.name, field.value);
  co_return Answer(*std::move(connection), what_of(url), std::move(head));
}

Task<Result<Response>> ask(net::Resolver& resolver, const Request& request, const http::Url& url) {
  GW_CO_TRY(Answer answer, co_await begin(resolver, request, url));
  GW_CO_TRY(std::string body, co_await answer.rest(request.max_bytes, request.timeout));
  Response response = std::move(answer).head();
  response.body = std::move(body);
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

Answer::Answer(std::unique_ptr<http::ClientConnection> connection, std::string what, Response head)
    : connection_(std::move(connection)), what_(std::move(what)), head_(std::move(head)) {}
Answer::Answer(Answer&&) noexcept = default;
Answer::~Answer() = default;

Task<Result<std::string_view>> Answer::part(Duration waiting) {
  const auto part = co_await connection_->read_body(waiting);
  if (!part) co_return std::unexpected(described(part.error(), what_));
  co_return *part;
}

Task<Result<std::string>> Answer::rest(std::size_t max_bytes, Duration waiting) {
  const auto too_large = [&] {
    return fail(Errc::too_large, "{}: the answer has more than {} bytes", what_, max_bytes);
  };
  const http::ResponseHead& head = connection_->head();
  if (head.framing == http::Framing::length && head.content_length > max_bytes) co_return too_large();
  std::string body;
  while (true) {
    GW_CO_TRY(const std::string_view next, co_await part(waiting));
    if (next.empty()) co_return body;
    if (next.size() > max_bytes - body.size()) co_return too_large();
    body += next;
  }
}

Task<Result<Response>> fetch(net::Resolver& resolver, Request request) {
  GW_CO_TRY(const http::Url url, accepted_url(request));
  auto answered = co_await with_timeout(request.timeout, ask(resolver, request, url));
  if (!answered) co_return std::unexpected(too_slow(what_of(url), request.timeout));
  co_return *std::move(answered);
}

Task<Result<Answer>> open(net::Resolver& resolver, Request request) {
  GW_CO_TRY(const http::Url url, accepted_url(request));
  auto answered = co_await with_timeout(request.timeout, begin(resolver, request, url));
  if (!answered) co_return std::unexpected(too_slow(what_of(url), request.timeout));
  co_return *std::move(answered);
}

}  // namespace gw::fetch
