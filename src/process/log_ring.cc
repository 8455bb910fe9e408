#include "process/log_ring.h"

#include <algorithm>
#include <atomic>
#include <deque>
#include <mutex>

#include "base/check.h"

namespace gw::process {
namespace {

constexpr std::string_view cut_mark = " …[cut]";

std::size_t cost(const LogLine& line) {
  return sizeof(LogLine) + line.text.size();
}

}  // namespace

// Shared by a follower and the wake-ups that are under way to its loop.
struct LogFollower::Watch {
  explicit Watch(Loop& l) : loop(l) {}
  Loop& loop;
  std::atomic<bool> waking = false;
  Event changed;  // On the loop only, as is `abandoned`.
  bool abandoned = false;

  static void wake(const std::shared_ptr<Watch>& self) {
    if (self->waking.exchange(true)) return;
    self->loop.post([self] {
      self->waking = false;
      if (!self->abandoned) self->changed.set();
    });
  }
};

struct LogRing::Impl {
  mutable std::mutex mutex;
  std::size_t max_bytes;
  std::size_t bytes = 0;
  std::uint64_t last_number = 0;
  std::deque<LogLine> lines;
  std::vector<std::shared_ptr<LogFollower::Watch>> watches;
};

std::string_view to_string(LogStream stream) {
  switch (stream) {
    case LogStream::out: return "stdout";
    case LogStream::err: return "stderr";
    case LogStream::gateway: return "gateway";
  }
  return "stderr";
}

LogRing::LogRing(std::size_t max_bytes) : impl_(std::make_unique<Impl>()) {
  impl_->max_bytes = max_bytes;
}
LogRing::~LogRing() = default;

void LogRing::append(LogStream stream, std::string_view text) {
  LogLine line{.at = wall_now(), .stream = stream, .text = std::string(text.substr(0, max_line))};
  if (text.size() > max_line) line.text += cut_mark;
  const std::lock_guard lock(impl_->mutex);
  line.number = ++impl_->last_number;
  impl_->bytes += cost(line);
  impl_->lines.push_back(std::move(line));
  while (impl_->bytes > impl_->max_bytes && impl_->lines.size() > 1) {
    impl_->bytes -= cost(impl_->lines.front());
    impl_->lines.pop_front();
  }
  for (const auto& watch : impl_->watches) LogFollower::Watch::wake(watch);
}

std::vector<LogLine> LogRing::tail(std::size_t count, WallTime since) const {
  const std::lock_guard lock(impl_->mutex);
  const auto& lines = impl_->lines;
  const auto recent = std::ranges::find_if(lines, [&](const LogLine& line) { return line.at >= since; });
  const auto wanted = std::min(count, static_cast<std::size_t>(lines.end() - recent));
  return {lines.end() - static_cast<std::ptrdiff_t>(wanted), lines.end()};
}

std::vector<LogLine> LogRing::after(std::uint64_t number, std::size_t count) const {
  const std::lock_guard lock(impl_->mutex);
  const auto& lines = impl_->lines;
  const auto first = std::ranges::upper_bound(lines, number, {}, &LogLine::number);
  const auto wanted = std::min(count, static_cast<std::size_t>(lines.end() - first));
  return {first, first + static_cast<std::ptrdiff_t>(wanted)};
}

LogFollower::LogFollower(std::shared_ptr<LogRing> ring, std::uint64_t number)
    : ring_(std::move(ring)), number_(number) {
  GW_CHECK(Loop::current() != nullptr);
  watch_ = std::make_shared<Watch>(*Loop::current());
  const std::lock_guard lock(ring_->impl_->mutex);
  ring_->impl_->watches.push_back(watch_);
}

LogFollower::~LogFollower() {
  watch_->abandoned = true;
  const std::lock_guard lock(ring_->impl_->mutex);
  std::erase(ring_->impl_->watches, watch_);
}

Task<std::vector<LogLine>> LogFollower::next() {
  while (true) {
    watch_->changed.reset();
    auto lines = ring_->after(number_, batch);
    if (!lines.empty()) {
      number_ = lines.back().number;
      co_return lines;
    }
    co_await watch_->changed;
  }
}

}  // namespace gw::process
