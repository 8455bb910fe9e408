#include "tools/http_answer.h"

#include <algorithm>
#include <array>

#include "base/strings.h"

namespace gw::tools {
namespace {

using http::Name;

std::string build_head(const routing::AdapterRoute& route, const routing::Endpoint& endpoint, const peer::Ask& ask,
                       const CallRequest& request) {
  std::string out = fmt::format("{} {} HTTP/1.1\r\nHost: {}\r\n", route.tool->method, request.target, endpoint.host);
  const auto add = [&](std::string_view name, std::string_view value) {
    // The operator's own fields count instead.
    const bool given = std::ranges::any_of(route.extra_names, [&](const auto& own) { return iequals(own, name); });
    if (!given) out.append(name).append(": ").append(value).append("\r\n");
  };
  add("Accept", "application/json, */*;q=0.8");
  add("Accept-Encoding", "identity");
  if (!ask.request_id.empty()) add("X-Request-Id", ask.request_id);
  out.append(request.fields).append(ask.identity_fields).append(route.extra_fields);
  if (request.body()) add("Content-Type", "application/json");
  const bool takes_body = route.tool->method != "GET" && route.tool->method != "HEAD";
  if (request.body() || takes_body) {
    out += fmt::format("Content-Length: {}\r\n", request.body().value_or("").size());
  }
  out += "\r\n";
  return out;
}

Task<Result<>> exchange_heads(http::ClientConnection& connection, std::string_view head, const CallRequest& request,
                              bool head_only, Duration waiting) {
  const std::array<std::string_view, 2> pieces{head, request.body().value_or("")};
  const auto sent = co_await connection.send(pieces, waiting);
  if (!sent) {
    if (sent.error().code() != Errc::cancelled) co_return sent;
    // A server that does not want the body answers and closes; the answer may be there.
    connection.never_reuse();
    const auto refused = co_await connection.read_head(head_only, waiting);
    co_return refused ? refused : sent;
  }
  co_return co_await connection.read_head(head_only, waiting);
}

Task<Result<std::string>> read_body(http::ClientConnection& connection, std::size_t max, Duration waiting) {
  std::string body;
  while (true) {
    GW_CO_TRY(const std::string_view part, co_await connection.read_body(waiting));
    if (part.empty()) co_return body;
    if (body.size() + part.size() > max) {
      co_return fail(Errc::upstream, "the server's answer is larger than {} bytes", max);
    }
    body += part;
  }
}

}  // namespace

Task<std::expected<HttpAnswer, NoAnswer>> exchange(upstream::Pool& pool, const routing::AdapterRoute& route,
                                                   const routing::Endpoint& endpoint, const peer::Ask& ask,
                                                   const CallRequest& request, std::size_t max, bool& heard) {
  auto lease = co_await pool.acquire(endpoint, route.connect_timeout);
  if (!lease) co_return std::unexpected(NoAnswer{lease.error(), false});
  http::ClientConnection& connection = **lease;
  const std::string head = build_head(route, endpoint, ask, request);
  const bool head_only = route.tool->method == "HEAD";
  const auto answered = co_await exchange_heads(connection, head, request, head_only, route.response_timeout);
  if (!answered) {
    const Errc code = answered.error().code();
    if (code == Errc::cancelled) {
      co_return std::unexpected(NoAnswer{{Errc::upstream, "the server closed the connection without an answer"}});
    }
    co_return std::unexpected(NoAnswer{answered.error(), true, code == Errc::timeout});
  }
  heard = true;
  HttpAnswer answer;
  answer.status = connection.head().status;
  answer.content_type = connection.head().fields.get(Name::content_type);
  answer.content_encoding = connection.head().fields.get("Content-Encoding");
  auto body = co_await read_body(connection, max, route.response_timeout);
  if (!body) co_return std::unexpected(NoAnswer{body.error(), true, false});
  answer.body = *std::move(body);
  co_return answer;
}

}  // namespace gw::tools
