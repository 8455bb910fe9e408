#include "stdio/session_table.h"

#include <algorithm>
#include <utility>
#include <vector>

#include <fmt/core.h>

#include "base/log.h"
#include "runtime/random.h"

namespace gw::stdio {
namespace {

constexpr Duration turn_check = std::chrono::seconds(1);
constexpr Duration stable_after = std::chrono::seconds(60);  // A shared child that lived as long starts afresh.
constexpr std::uint32_t failed_after = 5;                    // Failures in a row from which on the state is `failed`.

}  // namespace

// Between a child and its multiplexer.
struct SessionTable::Ending final : ChildEvents {
  SessionTable& table;
  LegacyChild& child;
  bool spoke = false;
  Ending(SessionTable& t, LegacyChild& c) : table(t), child(c) {}

  void from_child(const mcp::Message& message) override {
    child.mux.from_child(message);
    if (!std::exchange(spoke, true)) table.child_spoke();
  }
  void child_gone(std::string_view why) override {
    child.mux.child_gone(table.options_.ended(why));
    table.child_gone(child, why);
  }
};

SessionTable::SessionTable(Loop& loop, ChildStarter& starter, BridgeOptions options, std::function<void()> on_change)
    : starter_(starter),
      options_(options),
      on_change_(std::move(on_change)),
      backoff_(options.backoff),
      sweeper_(loop, [this] { sweep(); }),
      restart_(loop, [this] { keep_shared_child(); }),
      turns_(loop, [this] { begin_overdue(); }) {
  quiet_.set();
  serving_.on_idle([this] { quiet_.set(); });
  if (options_.idle_timeout > Duration::zero()) sweeper_.arm(steady_now() + options_.idle_timeout / 2);
  keep_shared_child();
}

SessionTable::~SessionTable() = default;

Result<std::shared_ptr<Session>> SessionTable::open() {
  if (closed_) return fail(Errc::unavailable, "The server is being stopped.");
  if (options_.max_sessions != 0 && sessions_.size() >= options_.max_sessions) {
    return fail(Errc::unavailable,
                "The server has {} sessions, the limit that the adapter sets (limits.maxSessions). Try later.",
                sessions_.size());
  }
  GW_TRY_OK(backoff_.check(steady_now()));
  const auto session = std::make_shared<Session>();
  session->id = random_hex(16);
  session->child = child_for_new_session();
  session->client = session->child->mux.join();
  session->last_used = steady_now();
  sessions_[session->id] = session;
  return session;
}

std::shared_ptr<LegacyChild> SessionTable::child_for_new_session() {
  if (shared_child_ && !shared_child_->runner.stopping()) return shared_child_;
  auto child = std::make_shared<LegacyChild>(starter_, options_);
  if (options_.sharing == Sharing::shared) {
    shared_child_ = child;
    shared_last_used_ = steady_now();
    child->mux.initialize_child();
  }
  health_.started_at = wall_now();
  quiet_.reset();
  serving_.spawn("stdio.child", serve(child));
  return child;
}

void SessionTable::keep_shared_child() {
  if (closed_ || options_.sharing != Sharing::shared || shared_child_) return;
  child_for_new_session();
}

Task<> SessionTable::serve(std::shared_ptr<LegacyChild> child) {
  co_await yield();  // Whoever opened the session comes first: its end must not be over before it has begun.
  Ending ending{*this, *child};
  co_await child->runner.run(ending);
}

std::shared_ptr<Session> SessionTable::find(std::string_view id) {
  const auto found = sessions_.find(id);
  if (found == sessions_.end()) return nullptr;
  found->second->last_used = steady_now();
  return found->second;
}

void SessionTable::close(const std::shared_ptr<Session>& session) {
  if (sessions_.erase(session->id) == 0) return;
  session->child->mux.leave(session->client);
  if (session->event_stream) session->event_stream->close();
  if (options_.sharing == Sharing::exclusive) session->child->runner.stop();
  shared_last_used_ = steady_now();
}

std::optional<mcp::Refusal> SessionTable::post(const Session& session, const mcp::Message& message,
                                               const std::shared_ptr<streamable::Mailbox>& answers) {
  auto refusal = session.child->mux.post(session.client, message, answers);
  if (session.child->mux.has_waiting() && !turns_.armed()) turns_.arm(steady_now() + turn_check);
  return refusal;
}

void SessionTable::begin_overdue() {
  if (!shared_child_) return;
  shared_child_->mux.begin_overdue(steady_now());
  if (shared_child_->mux.has_waiting()) turns_.arm(steady_now() + turn_check);
}

void SessionTable::child_spoke() {
  ever_spoke_ = true;
  if (options_.sharing == Sharing::exclusive) backoff_.succeeded();
  on_change_();
}

// When a child is gone, so are its sessions.
void SessionTable::child_gone(const LegacyChild& child, std::string_view why) {
  std::erase_if(sessions_, [&](const auto& entry) {
    const Session& session = *entry.second;
    if (session.child.get() != &child) return false;
    if (session.event_stream) session.event_stream->close();
    return true;
  });
  if (!child.runner.stopping()) note_end(child, why);
  if (shared_child_.get() == &child) shared_child_.reset();
  on_change_();
}

// A child has ended that nobody asked to.
void SessionTable::note_end(const LegacyChild& child, std::string_view why) {
  log::info("stdio.child_ended", {{"instance", options_.name}, {"how", why}});
  health_.last_error = fmt::format("the server has ended: {}", why);
  const bool shared = options_.sharing == Sharing::shared;
  if (!shared && child.runner.heard()) return;  // One session's affair.
  if (steady_now() - child.started >= stable_after) backoff_.succeeded();
  backoff_.failed(steady_now(), why);
  ++health_.restarts;
  if (shared) restart_.arm(backoff_.until());
}

process::InstanceState state_of_failures(std::uint32_t failures) {
  return failures < failed_after ? process::InstanceState::backoff : process::InstanceState::failed;
}

Health SessionTable::health() const {
  using process::InstanceState;
  Health health = health_;
  if (shared_child_ && !shared_child_->runner.stopping()) {
    const bool ready = shared_child_->runner.heard() || (ever_spoke_ && backoff_.failures() == 0);
    health.state = ready ? InstanceState::ready : InstanceState::starting;
  } else if (backoff_.failures() > 0) {
    health.state = state_of_failures(backoff_.failures());
  }
  return health;
}

void SessionTable::close_all() {
  closed_ = true;
  while (!sessions_.empty()) close(std::shared_ptr(sessions_.begin()->second));
  restart_.disarm();
  if (shared_child_) shared_child_->runner.stop();
}

void SessionTable::sweep() {
  const SteadyTime oldest = steady_now() - options_.idle_timeout;
  std::vector<std::shared_ptr<Session>> unused;
  for (const auto& [id, session] : sessions_) {
    if (session->child->mux.in_use(session->client)) session->last_used = steady_now();
    if (session->last_used <= oldest) unused.push_back(session);
  }
  for (const auto& session : unused) {
    log::info("stdio.session_idle", {{"instance", options_.name}});
    close(session);
  }
  if (shared_child_ && shared_child_->mux.clients() == 0 && shared_last_used_ <= oldest) shared_child_->runner.stop();
  sweeper_.arm(steady_now() + options_.idle_timeout / 2);
}

}  // namespace gw::stdio
