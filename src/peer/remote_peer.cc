#include "peer/remote_peer.h"

#include "base/log.h"
#include "base/strings.h"
#include "peer/detect.h"
#include "peer/sessions.h"
#include "runtime/race.h"

namespace gw::peer {
namespace {

// One call, up to two attempts.
class Call {
 public:
  Call(Outbound& outbound, routing::RoutePtr route, const Ask& ask, Events& events)
      : outbound_(outbound), route_(std::move(route)), ask_(ask), events_(events) {}

  Task<Result<Outcome>> run() {
    Attempt attempt = std::unexpected(Trouble());
    for (int round = 0; round < 2; ++round) {
      if (round > 0) begin_again();
      attempt = co_await once();
      if (!worth_repeating(attempt)) break;
    }
    if (attempt) co_return *std::move(attempt);
    Error error = attempt.error().error;
    // Nobody but us is gone.
    const Errc code =
        error.code() == Errc::cancelled || error.code() == Errc::too_large ? Errc::upstream : error.code();
    co_return std::unexpected(Error(code, error.message()));
  }

 private:
  void begin_again() {
    outbound_.counters.repeated.add();
    info_ = nullptr;
    if (auto now = outbound_.routes.find(route_->name)) route_ = std::move(now);
  }

  Task<Attempt> once() {
    auto info = co_await find_out(outbound_, route_, ask_);
    if (!info) co_return std::unexpected(info.error());
    info_ = *std::move(info);
    if (info_->dialect == Dialect::modern) {
      co_return co_await modern_exchange(outbound_, *route_, info_->version, ask_, events_);
    }
    const SessionOwner owner(outbound_, route_, ask_.client);
    const auto session = co_await session_for(outbound_, owner, info_, ask_);
    if (!session) co_return std::unexpected(session.error());
    if (const auto level = log_level_index(ask_.log_level)) {
      co_await want_log_level(outbound_, *route_, *session, *level, ask_);
    }
    LegacyExchange exchange(outbound_, *route_, *session, ask_, events_);
    auto attempt = co_await exchange.run(ask_.method, ask_.params);
    if (!attempt && attempt.error().lost) {
      (*session)->lost = true;
      outbound_.counters.sessions_lost.add();
    }
    co_return attempt;
  }

  bool worth_repeating(const Attempt& attempt) {
    if (attempt) {
      const bool stale = attempt->failed && info_->dialect == Dialect::modern &&
                         (attempt->failed->code == mcp::code::header_mismatch ||
                          attempt->failed->code == mcp::code::unsupported_protocol_version);
      if (!stale) return false;
      outbound_.shared.eras.forget(*route_);
      // The headers mirror a definition that may be an old one.
      if (outbound_.shared.on_change) outbound_.shared.on_change(route_->name, "notifications/tools/list_changed");
      return true;
    }
    const Trouble& trouble = attempt.error();
    if (info_ == nullptr) return false;
    if (trouble.other_dialect) return true;
    if (info_->dialect == Dialect::modern && is_foreign(trouble.status)) {
      outbound_.shared.eras.forget(*route_);
      return !trouble.accepted;
    }
    if (trouble.lost) return !trouble.accepted || ask_.repeatable;
    const bool broke_off = trouble.accepted && trouble.error.code() == Errc::upstream;
    return broke_off && ask_.repeatable;
  }

  Outbound& outbound_;
  routing::RoutePtr route_;
  const Ask& ask_;
  Events& events_;
  ServerInfoPtr info_;  // What the present attempt goes by; null before that is known.
};

// Counts a call that nobody waited for to the end.
struct Outlook {
  Counters& counters;
  bool ended = false;
  explicit Outlook(Counters& counted) : counters(counted) { counters.calls.add(); }
  ~Outlook() {
    if (!ended) counters.cancelled.add();
  }
};

Error no_adapter(std::string_view name) {
  return {Errc::not_found, fmt::format("there is no adapter '{}'", printable(name, 80))};
}

}  // namespace

Task<Result<Outcome>> RemotePeer::call(const Ask& ask, Events& events) {
  Outlook outlook(outbound_.counters);
  const routing::RoutePtr route = outbound_.routes.find(adapter_);
  Result<Outcome> outcome;
  if (route == nullptr) {
    outcome = std::unexpected(no_adapter(adapter_));
  } else {
    const Duration longest =
        route->call_timeout > Duration::zero() ? route->call_timeout : outbound_.shared.options.longest_call;
    Call call(outbound_, route, ask, events);
    auto in_time = co_await with_timeout(longest, call.run());
    if (in_time) {
      outcome = *std::move(in_time);
    } else {
      outcome = fail(Errc::timeout, "no answer came within {} ms; limits.callTimeout sets that",
                     std::chrono::duration_cast<std::chrono::milliseconds>(longest).count());
    }
    if (!outcome) outcome = std::unexpected(outcome.error().within("adapter '" + adapter_ + "'"));
  }
  outlook.ended = true;
  if (!outcome) {
    outbound_.counters.failures.add();
    log::debug("peer.call_failed", {{"adapter", adapter_}, {"error", outcome.error().message()}});
  }
  co_return outcome;
}

Task<Result<ServerInfo>> RemotePeer::about(Ask ask) {
  const routing::RoutePtr route = outbound_.routes.find(adapter_);
  if (route == nullptr) co_return std::unexpected(no_adapter(adapter_));
  for (int round = 0;; ++round) {
    const auto info = co_await find_out(outbound_, route, ask);
    if (!info) co_return std::unexpected(info.error().error.within("adapter '" + adapter_ + "'"));
    if ((*info)->dialect == Dialect::modern) co_return **info;
    const SessionOwner owner(outbound_, route, ask.client);
    const auto session = co_await session_for(outbound_, owner, *info, ask);
    if (session) co_return *(*session)->info;
    if (round > 0 || !session.error().other_dialect) {
      co_return std::unexpected(session.error().error.within("adapter '" + adapter_ + "'"));
    }
  }
}

Task<Result<>> RemotePeer::notify(Ask ask) {
  const routing::RoutePtr route = outbound_.routes.find(adapter_);
  if (route == nullptr) co_return std::unexpected(no_adapter(adapter_));
  const auto info = outbound_.shared.eras.find(*route, steady_now());
  if (info == nullptr || info->dialect == Dialect::modern) co_return Result<>();
  const SessionOwner owner(outbound_, route, ask.client);
  const SessionPtr session = outbound_.shared.sessions.find(owner.key(), steady_now());
  if (session == nullptr || session->lost) co_return Result<>();  // A new one will know it from its handshake.
  const std::string fields = caller_fields(ask);
  const auto posted =
      co_await post_in_session(outbound_, *route, *session, fields, notification_text(ask.method, ask.params));
  if (!posted) co_return std::unexpected(posted.error().within("adapter '" + adapter_ + "'"));
  co_return Result<>();
}

}  // namespace gw::peer
