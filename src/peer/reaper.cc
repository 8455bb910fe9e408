#include "peer/reaper.h"

#include "peer/exchange.h"
#include "peer/legacy_exchange.h"
#include "runtime/race.h"

namespace gw::peer {
namespace {

constexpr Duration interval = std::chrono::seconds(5);
constexpr std::size_t at_once = 16;

// Errors are nothing to us: the server ends the session by itself some day.
Task<> end_session(Outbound& outbound, SessionPtr session, std::size_t& running, Event& ended) {
  struct Ended {
    std::size_t& running;
    Event& ended;
    ~Ended() {
      --running;
      ended.set();
    }
  } const guard{running, ended};
  outbound.counters.sessions_ended.add();
  if (session->channel || session->id.empty()) co_return;  // It ends with its stream, or there is nothing to end.
  const auto answer = co_await with_timeout(outbound.shared.options.probe_timeout,
                                            send(outbound, {.route = *session->route,
                                                            .endpoint = session->endpoint,
                                                            .target = session->endpoint.path,
                                                            .method = "DELETE",
                                                            .fields = session->identity_fields,
                                                            .session = session->id,
                                                            .version = version_field(*session),
                                                            .waiting = outbound.shared.options.probe_timeout,
                                                            .repeatable = true}));
}

}  // namespace

struct Reaper::Impl {
  explicit Impl(Outbound& its_outbound) : outbound(its_outbound) { tasks.spawn("peer.reaper", run()); }

  Task<> run() {
    while (true) {
      co_await sleep_for(interval);
      co_await reap();
    }
  }

  Task<> reap() {
    while (true) {
      auto ended = outbound.shared.sessions.take_ended(steady_now(), at_once - running);
      if (ended.empty() && running == 0) co_return;
      for (SessionPtr& session : ended) {
        ++running;
        tasks.spawn("peer.end_session", end_session(outbound, std::move(session), running, one_ended));
      }
      one_ended.reset();
      if (running > 0) co_await one_ended;
    }
  }

  Outbound& outbound;
  std::size_t running = 0;
  Event one_ended;
  TaskGroup tasks;
};

Reaper::Reaper(Outbound& outbound) : impl_(std::make_unique<Impl>(outbound)) {}
Reaper::~Reaper() = default;

Task<> Reaper::reap() {
  return impl_->reap();
}

}  // namespace gw::peer
