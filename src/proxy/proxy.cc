#include "proxy/proxy.h"

#include "base/check.h"
#include "base/log.h"
#include "base/strings.h"
#include "http/problem.h"
#include "proxy/reply.h"
#include "proxy/request.h"
#include "proxy/request_head.h"
#include "runtime/race.h"

namespace gw::proxy {
namespace {

constexpr std::string_view prefix = "/adapters/";

struct AdapterPath {
  std::string_view adapter;
  std::string_view front;
};

// "/adapters/{name}/{front}" without further segments, or nothing.
std::optional<AdapterPath> split(std::string_view path) {
  if (!path.starts_with(prefix)) return {};
  path.remove_prefix(prefix.size());
  const auto slash = path.find('/');
  if (slash == std::string_view::npos || slash == 0) return {};
  return AdapterPath{path.substr(0, slash), path.substr(slash + 1)};
}

bool is_front(std::string_view name) {
  return name == "mcp" || name == "sse" || name == "messages";
}

Error body_too_large(std::uint64_t longest) {
  return {Errc::too_large, fmt::format("the request body is larger than {} bytes", longest)};
}

}  // namespace

void Counters::observe_first_byte(Duration taken) {
  const double seconds = std::chrono::duration<double>(taken).count();
  std::size_t bucket = 0;
  while (bucket < first_byte_bounds.size() && seconds > first_byte_bounds[bucket]) ++bucket;
  first_byte[bucket].add();
  first_byte_nanoseconds.add(static_cast<std::uint64_t>(taken.count()));
}

Proxy::Proxy(routing::RouteTable& routes, upstream::Pool& pool, session::Sealer sealer, access::Access& access,
             ToolHints& hints, ProxyOptions options, Counters& counters)
    : routes_(routes),
      pool_(pool),
      sealer_(std::move(sealer)),
      access_(access),
      hints_(hints),
      options_(options),
      counters_(counters) {
  routes_.on_endpoints_gone([this](const std::vector<std::string>& ids) {
    for (const std::string& id : ids) {
      pool_.forget(id);
      selector_.forget(id);
    }
  });
}

bool Proxy::serves(std::string_view path) {
  const auto parts = split(path);
  return parts && is_front(parts->front);
}

Task<Result<>> Proxy::handle(http::Exchange& exchange) {
  const Count count{exchange, counters_};
  const http::RequestHead& head = exchange.request();
  const auto path = split(head.path);
  if (!path) co_return co_await respond_error(exchange, Error(Errc::not_found, "no such path"));
  Request request;
  request.begun = steady_now();
  request.adapter = path->adapter;
  request.front = path->front == "mcp" ? Front::mcp : path->front == "sse" ? Front::sse : Front::messages;

  const bool get = head.method == http::Method::get;
  const bool post = head.method == http::Method::post;
  const bool del = head.method == http::Method::del;
  if (request.front == Front::mcp && !get && !post && !del)
    co_return co_await respond_not_allowed(exchange, "GET, POST, DELETE");
  if (request.front == Front::sse && !get) co_return co_await respond_not_allowed(exchange, "GET");
  if (request.front == Front::messages && !post) co_return co_await respond_not_allowed(exchange, "POST");

  GW_CHECK(exchange.caller != nullptr, head.path);
  request.route = routes_.find(request.adapter);
  if (request.route == nullptr || request.route->tool) co_return co_await respond_no_adapter(exchange, request.adapter);
  request.use = access_.begin(exchange, *request.route);
  if (const auto verdict = access_.may_use(request.use); verdict.answer != access::Answer::allowed)
    co_return co_await respond_refused(exchange, request, verdict);
  const std::uint64_t longest = request.route->max_body_bytes;
  if (longest > 0 && head.framing == http::Framing::length && head.content_length > longest)
    co_return co_await http::respond_problem(exchange, body_too_large(longest));
  if (const auto bound = bind(exchange, request); !bound) co_return co_await respond_error(exchange, bound.error());
  request.repeatable = !post && head.framing == http::Framing::none;
  const bool listens = request.modern && iequals(head.fields.get(http::Name::mcp_method), "subscriptions/listen");
  request.long_lived = get || listens;
  request.inspected = access_.looks_at_messages(request.use);
  request.filtered = access_.filters_lists(request.use) || access_.looks_at_hints(request.use);

  const bool timed = request.route->call_timeout > Duration::zero() && post && !request.long_lived;
  auto forwarded = co_await (timed ? forward_in_time(exchange, request) : forward(exchange, request));
  if (forwarded) co_return Result<>();
  co_return co_await respond_failed(exchange, request, std::move(forwarded).error());
}

Task<Result<>> Proxy::respond_failed(http::Exchange& exchange, const Request& request, Error error) {
  if (exchange.started() || error.code() == Errc::cancelled) co_return std::unexpected(std::move(error));
  if (request.body_failed && error.code() == Errc::too_large)
    co_return co_await http::respond_problem(exchange, std::move(error));
  if (request.body_failed) co_return co_await respond_error(exchange, std::move(error));
  counters_.upstream_failures.add();
  const std::string whose = request.routers != nullptr ? "the router" : "adapter '" + request.route->name + "'";
  log::debug("proxy.upstream_failed", {{"upstream", whose},
                                       {"code", to_string(error.code())},
                                       {"error", error.message()},
                                       {"request", exchange.request_id}});
  const bool unknown_session = error.code() == Errc::not_found;
  co_return co_await respond_error(exchange, unknown_session ? std::move(error) : error.within(whose));
}

Task<Result<>> Proxy::forward_in_time(http::Exchange& exchange, Request& request) {
  const Duration longest = request.route->call_timeout;
  auto forwarded = co_await with_timeout(longest, forward(exchange, request));
  if (forwarded) co_return *std::move(forwarded);
  co_return fail(Errc::timeout, "the call took longer than {} ms; limits.callTimeout sets that",
                 std::chrono::duration_cast<std::chrono::milliseconds>(longest).count());
}

Task<Result<>> Proxy::forward(http::Exchange& exchange, Request& request) {
  if (request.inspected) {
    GW_CO_TRY(const bool passed, co_await pass_messages(exchange, request));
    if (!passed) co_return Result<>();
  } else {
    auto permit = co_await access_.admit(request.use, {}, request.long_lived);
    if (!permit) co_return co_await access_.respond_limited(exchange, permit.error());
    request.permit = *std::move(permit);
  }
  Error last;
  for (const routing::Endpoint* endpoint : request.endpoints) {
    const auto done = co_await attempt(exchange, request, *endpoint);
    if (done) co_return Result<>();
    // Only a connection that could not be made is tried elsewhere: then nothing was sent.
    last = done.error();
    const bool unreachable = last.code() == Errc::unavailable || last.code() == Errc::timeout;
    if (!unreachable || exchange.started() || request.sent) co_return std::unexpected(last);
    if (request.in_session && endpoint->is_process && last.code() == Errc::unavailable) {
      counters_.sessions_unknown.add();
      co_return std::unexpected(session::unknown_session());
    }
  }
  co_return std::unexpected(last);
}

Task<Result<>> Proxy::attempt(http::Exchange& exchange, Request& request, const routing::Endpoint& endpoint) {
  GW_CO_TRY(upstream::Pool::Lease lease, co_await pool_.acquire(endpoint, request.route->connect_timeout));
  request.sent = true;
  auto answered = co_await exchange_heads(exchange, request, endpoint, *lease);
  if (!answered && answered.error().code() == Errc::cancelled && lease.reused() && request.repeatable) {
    // The upstream closed an idle connection at the moment when it was used again. Asking again is safe.
    request.sent = false;
    upstream::Pool::Lease fresh;
    for (bool reused = true; reused;) {
      GW_CO_TRY(fresh, co_await pool_.acquire(endpoint, request.route->connect_timeout));
      reused = fresh.reused();
    }
    lease = std::move(fresh);
    request.sent = true;
    answered = co_await exchange_heads(exchange, request, endpoint, *lease);
  }
  if (!answered) {
    const Error& error = answered.error();
    if (error.code() != Errc::cancelled || request.body_failed) co_return std::unexpected(error);
    if (request.in_session && endpoint.is_process && endpoint_is_gone(request, endpoint)) {
      co_return std::unexpected(session::unknown_session());
    }
    co_return fail(Errc::upstream, "the upstream closed the connection without an answer");
  }
  counters_.observe_first_byte(steady_now() - request.begun);
  co_return co_await relay(exchange, request, endpoint, *lease);
}

Task<Result<>> Proxy::exchange_heads(http::Exchange& exchange, Request& request, const routing::Endpoint& endpoint,
                                     http::ClientConnection& upstream) {
  const Duration limit = request.route->response_timeout;
  const auto sent = co_await send_request(exchange, request, endpoint, upstream);
  if (!sent) {
    if (request.body_failed || sent.error().code() != Errc::cancelled) co_return sent;
    // A server that does not want the body answers (401, 413) and closes; the answer may be there.
    upstream.never_reuse();
    const auto refused = co_await upstream.read_head(false, limit);
    co_return refused ? refused : sent;
  }
  const auto read = co_await upstream.read_head(exchange.request().method == http::Method::head, limit);
  if (read || read.error().code() != Errc::timeout) co_return read;
  co_return fail(Errc::timeout, "the server did not begin to answer within {} ms; limits.responseTimeout sets that",
                 std::chrono::duration_cast<std::chrono::milliseconds>(limit).count());
}

bool Proxy::endpoint_is_gone(const Request& request, const routing::Endpoint& endpoint) const {
  const routing::RoutePtr now = routes_.find(request.route->name);
  return now == nullptr || now->find(endpoint.id) == nullptr;
}

std::string Proxy::request_head(const http::Exchange& exchange, const Request& request,
                                const routing::Endpoint& endpoint, std::optional<std::uint64_t> list_length) {
  const std::string_view query = exchange.request().query;
  std::string target = request.routers != nullptr         ? std::string(exchange.request().path)
                       : request.front == Front::messages ? request.upstream_session
                       : request.front == Front::sse      ? endpoint.sse_path
                                                          : endpoint.path;
  if (request.front != Front::messages && !query.empty()) {
    target.append(target.find('?') == std::string::npos ? "?" : "&").append(query);
  }
  std::string identity;
  if (request.routers != nullptr) {
    identity = access::caller_fields(access_.settings(), exchange, request.routers->secret());
  } else if (request.route->forwarded_identity != model::ForwardedIdentity::none) {
    identity = access_.identity_fields(*request.use.who, *request.route);
  }
  const auto& trusted = access_.settings().trusted_proxies;
  return build_request_head(
      exchange, *request.route, endpoint,
      {.target = target,
       .session = request.front == Front::mcp ? request.upstream_session : "",
       .identity = identity,
       .trust_forwarded = !trusted.empty() && access::is_trusted_proxy(trusted, exchange.peer().address),
       .plain = request.inspected || request.filtered,
       .list_length = list_length});
}

Task<Result<>> Proxy::send_request(http::Exchange& exchange, Request& request, const routing::Endpoint& endpoint,
                                   http::ClientConnection& upstream) {
  const http::RequestHead& head = exchange.request();
  const Duration waiting = request.route->response_timeout;
  const std::string text = request_head(exchange, request, endpoint, {});
  const bool chunked = head.framing == http::Framing::chunked;
  if (head.framing == http::Framing::none) {
    const std::array<std::string_view, 1> pieces{text};
    co_return co_await upstream.send(pieces, waiting);
  }
  if (request.body) {
    const std::string& body = *request.body;
    const std::string size_line = chunked && !body.empty() ? fmt::format("{:x}\r\n", body.size()) : std::string();
    const std::string end =
        chunked ? (body.empty() ? "0\r\n" : "\r\n0\r\n") + exchange.request_trailers() + "\r\n" : "";
    const std::array<std::string_view, 4> pieces{text, size_line, body, end};
    co_return co_await upstream.send(pieces, waiting);
  }
  // The head goes out with the first part of the body, so that a small request is one system call.
  std::string_view first_head = text;
  const std::uint64_t longest = request.route->max_body_bytes;
  std::uint64_t sent = 0;
  while (true) {
    const auto read = co_await exchange.read_body();
    if (!read) {
      request.body_failed = true;
      co_return std::unexpected(read.error());
    }
    const std::string_view part = *read;
    sent += part.size();
    if (longest > 0 && sent > longest) {
      request.body_failed = true;
      co_return std::unexpected(body_too_large(longest));
    }
    const std::string size_line = chunked && !part.empty() ? fmt::format("{:x}\r\n", part.size()) : std::string();
    const std::string end = !chunked ? "" : part.empty() ? "0\r\n" + exchange.request_trailers() + "\r\n" : "\r\n";
    const std::array<std::string_view, 4> pieces{std::exchange(first_head, {}), size_line, part, end};
    const bool whole = !chunked && exchange.body_done();
    GW_CO_TRY_OK(co_await upstream.send(pieces, waiting));
    if (part.empty() || whole) co_return Result<>();
  }
}

}  // namespace gw::proxy
