// Answers on their way back to the client.
#include <algorithm>

#include "base/log.h"
#include "http/target.h"
#include "mcp/sse.h"
#include "proxy/endpoint_event.h"
#include "proxy/request.h"
#include "proxy/request_head.h"
#include "proxy/response_head.h"
#include "runtime/race.h"

namespace gw::proxy {
namespace {

using http::Last;
using http::Name;

// From now until a Unix time in seconds; bounded, so that it can be added to any time.
Duration time_until(std::int64_t unix_seconds) {
  constexpr std::int64_t longest = 366 * 86'400;
  const auto now = std::chrono::duration_cast<std::chrono::seconds>(wall_now().time_since_epoch()).count();
  return std::chrono::seconds(std::clamp<std::int64_t>(unix_seconds - now, 0, longest));
}

// Whether a comment may be put behind what was sent: only between two events.
class EventBoundary {
 public:
  void sent(std::string_view bytes) {
    if (bytes.empty()) return;
    const auto keep = [&](std::string_view tail) {
      return tail.substr(tail.size() - std::min<std::size_t>(tail.size(), 4));
    };
    tail_.append(keep(bytes));
    tail_ = keep(tail_);
  }
  bool here() const { return tail_.ends_with("\n\n") || tail_.ends_with("\r\n\r\n") || tail_.ends_with("\r\r"); }

 private:
  std::string tail_ = "\n\n";
};

// Waits for the next part of an event stream; gives up waiting when the stream was idle for `interval`.
class IdleWait {
 public:
  IdleWait(Loop& loop, Duration interval) : loop_(loop), interval_(interval), timer_(loop, [this] { due(); }) {}

  // The next part, or nothing when the interval passed or stop() was called.
  Task<std::optional<Result<std::string_view>>> next(http::ClientConnection& upstream) {
    if (stopped_) co_return std::nullopt;
    auto reading = upstream.read_body(Duration::max());
    if (reading.await_ready()) co_return reading.await_resume();
    last_activity_ = loop_.now();
    if (!timer_.armed()) timer_.arm(last_activity_ + interval_);
    Race<Result<std::string_view>> race(reading.take_task());
    race_ = &race;
    auto part = co_await race;
    race_ = nullptr;
    co_return part;
  }

  void stop() {
    stopped_ = true;
    if (race_ != nullptr) race_->call_off();
  }
  bool stopped() const { return stopped_; }

 private:
  // Re-armed here and not at each part: a busy stream costs the timer nothing.
  void due() {
    const SteadyTime idle_since = last_activity_ + interval_;
    if (idle_since > loop_.now()) {
      timer_.arm(idle_since);
    } else if (race_ != nullptr) {
      race_->call_off();
    }
  }

  Loop& loop_;
  Duration interval_;
  Timer timer_;
  SteadyTime last_activity_{};
  Race<Result<std::string_view>>* race_ = nullptr;
  bool stopped_ = false;
};

}  // namespace

void Proxy::begin_answer(http::Exchange& exchange, const Request& request, const routing::Endpoint& endpoint,
                         const http::ResponseHead& head, std::optional<std::uint64_t> length) {
  exchange.start(head.status, length, head.reason);
  for (const http::Field& field : head.fields.all()) {
    // A router speaks for the gateway.
    const bool is_ours =
        request.routers != nullptr && (field.known == Name::mcp_session_id || field.known == Name::www_authenticate);
    if (is_ours || forwards_to_client(head.fields, field)) exchange.field(field.name, field.value);
  }
  if (request.routers != nullptr) return;
  const std::string_view given = head.fields.get(Name::mcp_session_id);
  if (given.empty() || request.modern) return;
  if (request.in_session && given == request.upstream_session) {
    exchange.field("Mcp-Session-Id", request.sealed_session);
    return;
  }
  const auto sealed = seal(request, endpoint, given);
  if (!sealed) {
    log::warn("proxy.unusable_session_id", {{"adapter", request.route->name}, {"error", sealed.error().message()}});
    return;
  }
  exchange.field("Mcp-Session-Id", *sealed);
  counters_.sessions_opened.add();
}

Task<Result<>> Proxy::relay(http::Exchange& exchange, Request& request, const routing::Endpoint& endpoint,
                            http::ClientConnection& upstream) {
  const http::ResponseHead& head = upstream.head();
  if (request.front == Front::sse && head.status == 200) {
    co_return co_await relay_with_endpoint_event(exchange, request, endpoint, upstream);
  }
  if (request.filtered) co_return co_await relay_filtered(exchange, request, endpoint, upstream);

  std::optional<std::uint64_t> length;
  if (head.framing == http::Framing::length) length = head.content_length;
  if (head.framing == http::Framing::none) length = 0;
  const bool events = is_event_stream(head);
  begin_answer(exchange, request, endpoint, head, length);
  if (events) co_return co_await relay_events(exchange, request, upstream, nullptr);

  while (true) {
    GW_CO_TRY(const std::string_view part, co_await upstream.read_body(request.route->response_timeout));
    counters_.bytes_relayed.add(part.size());
    const bool last = upstream.body_done();
    if (last && !upstream.trailers().empty()) exchange.set_trailers(upstream.trailers());
    GW_CO_TRY_OK(co_await exchange.write(part, last ? Last::yes : Last::no));
    if (last) co_return Result<>();
  }
}

struct Proxy::Seen {
  access::SettingsPtr settings;
  routing::RoutePtr route;
};

bool Proxy::may_stay(const identity::Principal& who, const Request& request, Seen& seen) const {
  routing::RoutePtr route = request.routers != nullptr ? request.route : routes_.find(request.route->name);
  // What becomes of the streams of an adapter that is gone is its endpoint's business.
  if (route == nullptr || route->uid != request.route->uid) return true;
  if (seen.settings == access_.current() && seen.route == route) return true;
  seen = {access_.current(), std::move(route)};
  return access_.may_stay(who, *seen.route);
}

Task<Result<>> Proxy::relay_events(http::Exchange& exchange, Request& request, http::ClientConnection& upstream,
                                   EventFilter* filter) {
  struct Open {
    Counters& counters;
    explicit Open(Counters& counted) : counters(counted) { counters.streams_open.add(); }
    ~Open() { counters.streams_open.subtract(); }
  } const open(counters_);

  // The client learns at once that the stream is there, even if no event comes for long.
  if (!upstream.body_arrived() && !upstream.stream().maybe_readable())
    GW_CO_TRY_OK(co_await exchange.write("", Last::no));
  IdleWait wait(upstream.stream().loop(), options_.keep_alive_interval);
  std::optional<Timer> expiry;
  if (request.long_lived) {
    exchange.on_drain([&wait] { wait.stop(); });
    if (const std::int64_t expires = exchange.caller->expires; expires != 0) {
      expiry.emplace(upstream.stream().loop(), [&wait] { wait.stop(); });
      expiry->arm(upstream.stream().loop().now() + time_until(expires));
    }
  }
  EventBoundary boundary;
  const identity::PrincipalPtr reader = exchange.caller;
  Seen seen{access_.current(), request.route};
  while (true) {
    // Before the wait, not behind it: a stream may stay silent for hours.
    exchange.release_request();
    auto part = co_await wait.next(upstream);
    const bool revoked = request.long_lived && !may_stay(*reader, request, seen);
    if (wait.stopped() || revoked) co_return co_await exchange.write("", Last::yes);
    if (!part) {
      if (!boundary.here()) continue;
      counters_.keepalives.add();
      GW_CO_TRY_OK(co_await exchange.write(mcp::sse_keepalive, Last::no));
      continue;
    }
    if (!*part) co_return std::unexpected(part->error());
    const bool last = upstream.body_done();
    std::string_view events = **part;
    if (filter != nullptr) {
      GW_CO_TRY(events, filter->feed(events, last));
      if (events.empty() && !last) continue;
    }
    boundary.sent(events);
    counters_.bytes_relayed.add(events.size());
    GW_CO_TRY_OK(co_await exchange.write(events, last ? Last::yes : Last::no));
    if (last) co_return Result<>();
  }
}

Task<Result<>> Proxy::relay_with_endpoint_event(http::Exchange& exchange, Request& request,
                                                const routing::Endpoint& endpoint, http::ClientConnection& upstream) {
  if (!is_event_stream(upstream.head())) {
    co_return fail(Errc::upstream, "the upstream of adapter '{}' answered {} with '{}' instead of an event stream",
                   request.route->name, endpoint.sse_path, upstream.head().fields.get(Name::content_type));
  }
  if (request.filtered) GW_CO_TRY_OK(check_not_encoded(upstream.head()));
  EndpointEvent first;
  while (true) {
    GW_CO_TRY(const std::string_view part, co_await upstream.read_body(request.route->response_timeout));
    if (part.empty()) co_return fail(Errc::upstream, "the upstream's event stream ended before its endpoint event");
    GW_CO_TRY(const bool found, first.feed(part));
    if (found) break;
  }
  const std::string origin = std::string(endpoint.tls != nullptr ? "https://" : "http://") + endpoint.host;
  GW_CO_TRY(const std::string target, resolve_message_target(origin, endpoint.sse_path, first.data()));
  GW_CO_TRY(const std::string sealed, seal(request, endpoint, target));
  counters_.sessions_opened.add();

  exchange.start(200, std::nullopt);
  exchange.field("Content-Type", "text/event-stream");
  exchange.field("Cache-Control", "no-cache");
  exchange.field("X-Accel-Buffering", "no");
  std::string opening =
      mcp::sse_event(fmt::format("/adapters/{}/messages?session_id={}", request.route->name, sealed), "endpoint");
  if (!request.filtered) {
    opening += first.rest();
    GW_CO_TRY_OK(co_await exchange.write(opening, Last::no));
    co_return co_await relay_events(exchange, request, upstream, nullptr);
  }
  EventFilter filter(list_shows(request));
  GW_CO_TRY(const std::string_view rest, filter.feed(first.rest(), false));
  opening += rest;
  GW_CO_TRY_OK(co_await exchange.write(opening, Last::no));
  co_return co_await relay_events(exchange, request, upstream, &filter);
}

}  // namespace gw::proxy
