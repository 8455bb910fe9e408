#include "federation/session_keeper.h"

#include "base/log.h"

namespace gw::federation {
namespace {

constexpr std::size_t most_at_once = 1'000;

}  // namespace

SessionKeeper::SessionKeeper(Loop& loop, SessionMemory& memory, store::SessionStore& store, BlockingPool& blocking,
                             KeeperOptions options)
    : memory_(memory),
      store_(store),
      blocking_(blocking),
      options_(options),
      waiter_(std::make_shared<peer::Waiter>(loop)) {
  memory_.on_change = [this](const std::string& id, const SessionRecord&) { changed(id); };
}

SessionKeeper::~SessionKeeper() {
  memory_.on_change = {};
}

Task<> SessionKeeper::restore() {
  co_await prune();
  const auto kept = co_await blocking_.run([&store = store_, now = wall_now()] { return store.list_sessions(now); });
  if (kept) {
    bring_back(*kept);
  } else {
    log::error("sessions.not_restored", {{"error", kept.error().message()}});
  }
  background_ = std::make_unique<TaskGroup>();
  background_->spawn("federation.keep_sessions", keep_writing());
}

void SessionKeeper::bring_back(const std::vector<store::StoredSession>& kept) {
  std::size_t unreadable = 0;
  for (const store::StoredSession& session : kept) {
    if (auto record = record_from_text(session.text)) {
      memory_.restore(session.id, *std::move(record));
    } else {
      ++unreadable;
    }
  }
  if (kept.empty()) return;
  log::info("sessions.restored", {{"sessions", kept.size() - unreadable}});
  if (unreadable > 0) log::warn("sessions.skipped", {{"sessions", unreadable}});
}

// Which session has changed is enough: what it is now is asked of the memory when it is written. So it does not matter
// that two workers may tell of their changes in another order than they made them.
void SessionKeeper::changed(const std::string& id) {
  const std::lock_guard lock(mutex_);
  if (changed_.size() >= options_.most) return;  // The store has failed for long, which was logged.
  if (changed_.empty()) peer::wake(waiter_);
  changed_.insert(id);
}

Task<> SessionKeeper::keep_writing() {
  while (true) {
    co_await waiter_->woken;
    waiter_->woken.reset();
    const Result<> written = co_await write_some();
    report(written);
    if (steady_now() >= next_prune_) co_await prune();
    co_await sleep_for(written ? options_.pace : options_.retry);
    const std::lock_guard lock(mutex_);
    if (!changed_.empty()) waiter_->woken.set();
  }
}

Task<Result<>> SessionKeeper::write_some() {
  {
    const std::lock_guard lock(mutex_);
    while (!changed_.empty() && writing_.size() < most_at_once) {
      writing_.push_back(std::move(changed_.extract(changed_.begin()).value()));
    }
  }
  static const std::string nothing = to_text(SessionRecord());
  std::vector<store::StoredSession> rows;
  std::vector<std::string> gone;
  const WallTime now = wall_now();
  const auto lifetime = std::chrono::ceil<WallTime::duration>(options_.lifetime);
  for (const std::string& id : writing_) {
    std::string text = to_text(*memory_.find(id));
    if (text == nothing) {
      gone.push_back(id);
    } else {
      rows.push_back({.id = id, .text = std::move(text), .changed_at = now, .expires_at = now + lifetime});
    }
  }
  auto written = co_await blocking_.run(
      [&store = store_, rows = std::move(rows), gone = std::move(gone)] { return store.write_sessions(rows, gone); });
  if (written) {
    writing_.clear();
  } else {
    take_back();
  }
  co_return written;
}

void SessionKeeper::take_back() {
  const std::lock_guard lock(mutex_);
  changed_.insert(writing_.begin(), writing_.end());
  writing_.clear();
}

Task<> SessionKeeper::prune() {
  next_prune_ = steady_now() + options_.prune_interval;
  const auto pruned = co_await blocking_.run(
      [&store = store_, now = wall_now(), most = options_.most] { return store.prune_sessions(now, most); });
  if (!pruned) report(std::unexpected(pruned.error()));
}

void SessionKeeper::report(const Result<>& written) {
  if (!written && !failing_) log::error("sessions.not_kept", {{"error", written.error().message()}});
  failing_ = !written;
}

// A write that the background has begun is done first; should it fail, it is done again here.
Task<> SessionKeeper::settled() {
  background_.reset();
  take_back();
  const auto is_left = [this] {
    const std::lock_guard lock(mutex_);
    return !changed_.empty();
  };
  while (is_left()) {
    const Result<> written = co_await write_some();
    if (written) continue;
    log::error("sessions.not_kept", {{"error", written.error().message()}});
    break;
  }
}

}  // namespace gw::federation
