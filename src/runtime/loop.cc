#include "runtime/loop.h"

#include <signal.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstring>
#include <mutex>

#include "base/check.h"

namespace gw {
namespace {

constexpr int max_events = 256;
constexpr Duration sweep_interval = std::chrono::milliseconds(250);

thread_local Loop* current_loop = nullptr;

// From how many descriptors on a round is crowded.
constexpr int crowd = 3;

void resume_all(IntrusiveList<Resumable>& tasks) {
  while (!tasks.empty()) {
    Resumable& task = tasks.front();
    task.unlink();
    task.waiting.resume();
  }
}

int timeout_in_ms(Duration wait) {
  if (wait <= Duration::zero()) return 0;
  const auto ms = std::chrono::ceil<std::chrono::milliseconds>(wait).count();
  return static_cast<int>(std::min<long long>(ms, 60'000));
}

}  // namespace

SteadyTime steady_now() {
  return std::chrono::steady_clock::now();
}
WallTime wall_now() {
  return std::chrono::time_point_cast<std::chrono::milliseconds>(std::chrono::system_clock::now());
}
PreciseWallTime precise_wall_now() {
  return std::chrono::time_point_cast<std::chrono::microseconds>(std::chrono::system_clock::now());
}

struct Loop::Impl {
  int epoll = -1;
  int wake = -1;
  std::atomic<bool> stopping = false;
  std::mutex mutex;
  std::vector<std::function<void()>> posted;
  bool awake = false;  // Under `mutex`: a wake-up is on its way already.
  epoll_event events[max_events];
  int event_count = 0;
  int event_next = 0;

  // A pollable that is removed while events of the same round wait for it must not see them.
  void forget(const Pollable& pollable) {
    for (int i = event_next; i < event_count; ++i) {
      if (events[i].data.ptr == &pollable) events[i].data.ptr = nullptr;
    }
  }
};

Loop::Loop() : impl_(std::make_unique<Impl>()), now_(steady_now()) {
  ::signal(SIGPIPE, SIG_IGN);
  impl_->epoll = ::epoll_create1(EPOLL_CLOEXEC);
  impl_->wake = ::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
  GW_CHECK(impl_->epoll >= 0 && impl_->wake >= 0, errno);
  epoll_event event{};
  event.events = EPOLLIN | EPOLLET;
  event.data.ptr = this;
  GW_CHECK(::epoll_ctl(impl_->epoll, EPOLL_CTL_ADD, impl_->wake, &event) == 0, errno);
}

Loop::~Loop() {
  ::close(impl_->wake);
  ::close(impl_->epoll);
}

Loop* Loop::current() {
  return current_loop;
}

Result<> Loop::add(int fd, Pollable& pollable) {
  epoll_event event{};
  event.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET;
  event.data.ptr = &pollable;
  if (::epoll_ctl(impl_->epoll, EPOLL_CTL_ADD, fd, &event) != 0) {
    return fail(Errc::internal, "cannot watch descriptor {}: {}", fd, std::strerror(errno));
  }
  return {};
}

void Loop::remove(int fd, Pollable& pollable) {
  ::epoll_ctl(impl_->epoll, EPOLL_CTL_DEL, fd, nullptr);
  impl_->forget(pollable);
}

void Loop::post(std::function<void()> function) {
  bool must_wake = false;
  {
    const std::lock_guard lock(impl_->mutex);
    impl_->posted.push_back(std::move(function));
    must_wake = !std::exchange(impl_->awake, true);
  }
  if (must_wake) {
    const std::uint64_t one = 1;
    [[maybe_unused]] const auto written = ::write(impl_->wake, &one, sizeof one);
  }
}

void Loop::stop() {
  impl_->stopping.store(true, std::memory_order_release);
  post([] {});
}

void Loop::run() {
  while (!impl_->stopping.load(std::memory_order_acquire)) run_once(std::chrono::minutes(1));
}

void Loop::run_once(Duration longest) {
  Loop* const outer = std::exchange(current_loop, this);
  Duration wait = longest;
  if (!timers_.empty()) wait = std::min(wait, timers_.begin()->first - now_);
  if (!expirables_.empty()) wait = std::min(wait, sweep_interval);
  if (!resumable_.empty()) wait = Duration::zero();

  impl_->event_count = ::epoll_wait(impl_->epoll, impl_->events, max_events, timeout_in_ms(wait));
  now_ = steady_now();
  bool woken = false;
  for (impl_->event_next = 0; impl_->event_next < impl_->event_count;) {
    const epoll_event event = impl_->events[impl_->event_next++];
    if (event.data.ptr == this) {
      woken = true;
    } else if (event.data.ptr != nullptr) {
      const Readiness ready{.readable = (event.events & (EPOLLIN | EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0,
                            .writable = (event.events & (EPOLLOUT | EPOLLHUP | EPOLLERR)) != 0,
                            .hangup = (event.events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0};
      static_cast<Pollable*>(event.data.ptr)->on_ready(ready);
    }
  }
  crowded_ = impl_->event_count >= crowd;
  impl_->event_count = 0;
  if (woken) run_posted();
  run_due_timers();
  run_resumable();
  sweep_expired();
  current_loop = outer;
}

void Loop::run_posted() {
  std::uint64_t count = 0;
  [[maybe_unused]] const auto drained = ::read(impl_->wake, &count, sizeof count);
  std::vector<std::function<void()>> functions;
  {
    const std::lock_guard lock(impl_->mutex);
    functions.swap(impl_->posted);
    impl_->awake = false;
  }
  for (auto& function : functions) function();
}

void Loop::run_resumable() {
  IntrusiveList<Resumable> round;  // What becomes ready meanwhile waits for the next round, so that nothing starves.
  resumable_.move_to(round);
  resume_all(round);
  crowded_ = false;
  at_end_.move_to(round);
  resume_all(round);
}

void Loop::run_due_timers() {
  // No more than there are now: one that arms itself again for this moment waits for the next round.
  for (std::size_t left = timers_.size(); left > 0 && !timers_.empty() && timers_.begin()->first <= now_; --left) {
    Timer& timer = *timers_.begin()->second;
    timer.disarm();
    const auto due = timer.on_due_;  // A copy: the call may destroy the timer.
    due();
  }
}

void Loop::sweep_expired() {
  if (now_ < next_sweep_) return;
  next_sweep_ = now_ + sweep_interval;
  // on_expired may destroy any of them, so each one is first moved out of the list that is walked.
  IntrusiveList<Expirable> pending;
  expirables_.move_to(pending);
  while (!pending.empty()) {
    Expirable& item = pending.front();
    expirables_.push_back(item);
    if (item.deadline <= now_) {
      item.deadline = never;
      item.on_expired();
    }
  }
}

Timer::Timer(Loop& loop, std::function<void()> on_due) : loop_(loop), on_due_(std::move(on_due)) {}
Timer::~Timer() {
  disarm();
}

void Timer::arm(SteadyTime due) {
  disarm();
  position_ = loop_.timers_.emplace(due, this);
  armed_ = true;
}

void Timer::disarm() {
  if (std::exchange(armed_, false)) loop_.timers_.erase(position_);
}

}  // namespace gw
