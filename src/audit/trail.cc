#include "audit/trail.h"

#include <pthread.h>
#include <signal.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include <fmt/core.h>

#include "audit/line.h"
#include "audit/output.h"
#include "base/log.h"

namespace gw::audit {
namespace {

constexpr std::size_t max_pending = 16 << 20;
constexpr std::size_t block_size = 256 << 10;
constexpr Duration sync_interval = std::chrono::seconds(1);

struct Entry {
  std::uint64_t order;  // As record() was called.
  std::string members;

  std::size_t cost() const { return sizeof(Entry) + members.size(); }
};

// Where some threads put what they record; with few threads each has one of its own.
struct alignas(64) Inbox {
  std::mutex mutex;
  std::vector<Entry> entries;
};

std::size_t number_of_this_thread() {
  static std::atomic<std::size_t> next = 0;
  thread_local const std::size_t number = next++;
  return number;
}

}  // namespace

// Threads put entries into inboxes; the writer takes all of them, makes the chain and writes it. A pass is one round of
// the writer. `mutex` guards what threads and writer tell each other; the chain belongs to the writer alone.
struct Trail::Impl {
  explicit Impl(const Options& o, Output out)
      : options(o), output(std::move(out)), seq(output.end().seq), last_hash(output.end().hash) {}

  const Options options;

  std::array<Inbox, 16> inboxes;
  std::atomic<std::uint64_t> next_order = 0;
  std::atomic<std::size_t> pending = 0;  // Bytes that were recorded and are not written.
  std::atomic<bool> failing = false;
  std::atomic<bool> woken = false;  // The writer knows that there is something to do.
  std::atomic<std::uint64_t> written = 0;
  std::atomic<std::uint64_t> refused = 0;

  mutable std::mutex mutex;
  std::condition_variable wake;
  std::condition_variable passed;
  bool stopping = false;
  std::uint64_t flushes_wanted = 0;
  std::uint64_t flushes_done = 0;
  std::string error;

  // The writer's.
  Output output;
  std::deque<Entry> backlog;
  std::string block;           // Lines that are made and not written.
  std::size_t block_cost = 0;  // What their entries count in `pending`.
  std::uint64_t block_lines = 0;
  std::uint64_t seq;
  std::string last_hash;
  bool unsynced = false;
  SteadyTime next_sync{};
  SteadyTime next_rotation{};
  std::thread writer;

  void notify() {
    if (woken.exchange(true)) return;
    const std::lock_guard lock(mutex);
    wake.notify_one();
  }

  void run() {
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, nullptr);
    pthread_setname_np(pthread_self(), "audit");
    while (true) {
      const auto [stop, flushes] = wait_for_work();
      pass(stop, flushes);
      if (stop) return;
    }
  }

  std::pair<bool, std::uint64_t> wait_for_work() {
    std::unique_lock lock(mutex);
    const auto due = [&] { return stopping || flushes_wanted != flushes_done; };
    if (unsynced || failing) {
      // While it fails, new records are refused: only time, a flush or the end is a reason to try again.
      wake.wait_for(lock, sync_interval, [&] { return due() || (woken && !failing); });
    } else {
      wake.wait(lock, [&] { return due() || woken; });
    }
    woken = false;
    return {stopping, flushes_wanted};
  }

  void pass(bool stop, std::uint64_t flushes) {
    collect();
    Result<> result = write_all();
    if (result && unsynced && (stop || failing || flushes != flushes_done || steady_now() >= next_sync)) {
      result = output.sync();
      if (result) unsynced = false;
      next_sync = steady_now() + sync_interval;
    }
    report(result, stop);
    const std::lock_guard lock(mutex);
    error = result ? "" : result.error().message();
    flushes_done = flushes;
    passed.notify_all();
  }

  void collect() {
    std::vector<Entry> fresh;
    for (Inbox& inbox : inboxes) {
      const std::lock_guard lock(inbox.mutex);
      std::ranges::move(inbox.entries, std::back_inserter(fresh));
      inbox.entries.clear();
    }
    std::ranges::sort(fresh, {}, &Entry::order);
    std::ranges::move(fresh, std::back_inserter(backlog));
  }

  Result<> write_all() {
    while (true) {
      GW_TRY_OK(write_block());
      if (backlog.empty()) return {};
      if (output.room() == 0 && steady_now() >= next_rotation) rotate();
      make_block();
    }
  }

  Result<> write_block() {
    if (block.empty()) return {};
    unsynced = true;
    GW_TRY_OK(output.write(block));
    pending -= std::exchange(block_cost, 0);
    written += std::exchange(block_lines, 0);
    return {};
  }

  void make_block() {
    const std::uint64_t room = output.room() == 0 ? block_size : std::min<std::uint64_t>(output.room(), block_size);
    while (!backlog.empty() && block.size() < room) {
      block += make_line(++seq, backlog.front().members, last_hash);
      block_cost += backlog.front().cost();
      ++block_lines;
      backlog.pop_front();
    }
  }

  void rotate() {
    if (const auto rotated = output.rotate(); !rotated) {
      log::warn("audit.not_rotated", {{"file", options.path}, {"error", rotated.error().message()}});
      next_rotation = steady_now() + std::chrono::minutes(1);
      return;
    }
    unsynced = false;
    log::info("audit.rotated", {{"file", options.path}, {"seq", seq}, {"hash", last_hash}});
  }

  void report(const Result<>& result, bool stop) {
    const bool failed_before = failing.exchange(!result);
    if (!result && (!failed_before || stop)) {
      log::error("audit.failed", {{"error", result.error().message()}, {"unwritten", backlog.size() + block_lines}});
    }
    if (result && failed_before) log::info("audit.resumed", {{"seq", seq}});
  }
};

Trail::Trail(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

Result<std::unique_ptr<Trail>> Trail::open(const Options& options) {
  GW_TRY(Output output, Output::open(options));
  auto impl = std::make_unique<Impl>(options, std::move(output));
  if (options.target != Target::off) {
    log::info("audit.opened", {{"file", options.target == Target::file ? options.path : "standard output"},
                               {"seq", impl->seq},
                               {"hash", impl->last_hash}});
    impl->writer = std::thread([raw = impl.get()] { raw->run(); });
  }
  return std::unique_ptr<Trail>(new Trail(std::move(impl)));
}

Trail::~Trail() {
  if (!impl_->writer.joinable()) return;
  {
    const std::lock_guard lock(impl_->mutex);
    impl_->stopping = true;
    impl_->wake.notify_one();
  }
  impl_->writer.join();
  log::info("audit.closed", {{"seq", impl_->seq}, {"hash", impl_->last_hash}});
}

bool Trail::wants(const Record& record) const {
  if (impl_->options.target == Target::off) return false;
  return impl_->options.allowed_decisions || record.kind != Kind::decision || record.answer != "allowed";
}

Result<> Trail::record(const Record& record) {
  Impl& impl = *impl_;
  if (impl.options.target == Target::off) return {};
  if (impl.failing) {
    ++impl.refused;
    return fail(Errc::unavailable, "the audit trail cannot be written at present; the log of the gateway says why");
  }
  Entry entry{impl.next_order++, members_of(record, precise_wall_now())};
  const std::size_t cost = entry.cost();
  if (impl.pending.fetch_add(cost) + cost > max_pending) {
    impl.pending -= cost;
    ++impl.refused;
    return fail(Errc::unavailable, "the audit trail is written too slowly to keep up; try again later");
  }
  Inbox& inbox = impl.inboxes[number_of_this_thread() % impl.inboxes.size()];
  {
    const std::lock_guard lock(inbox.mutex);
    inbox.entries.push_back(std::move(entry));
  }
  impl.notify();
  return {};
}

Result<> Trail::flush() {
  Impl& impl = *impl_;
  if (impl.options.target == Target::off) return {};
  std::unique_lock lock(impl.mutex);
  const auto mine = ++impl.flushes_wanted;
  impl.wake.notify_one();
  impl.passed.wait(lock, [&] { return impl.flushes_done >= mine; });
  if (impl.error.empty()) return {};
  return fail(Errc::unavailable, "{}", impl.error);
}

Trail::State Trail::state() const {
  const std::lock_guard lock(impl_->mutex);
  return {.written = impl_->written, .refused = impl_->refused, .error = impl_->error};
}

}  // namespace gw::audit
