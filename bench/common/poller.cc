#include "bench/common/poller.h"

#include <sys/epoll.h>

#include <array>
#include <cerrno>
#include <system_error>

namespace gw::bench {

Poller::Poller() : epoll_(check_call(::epoll_create1(EPOLL_CLOEXEC), "epoll_create1")) {}

void Poller::add(int fd, PollHandler& handler) {
  epoll_event event{.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET, .data = {.ptr = &handler}};
  check_call(::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, fd, &event), "epoll_ctl");
}

void Poller::wait(Nanos due) {
  timespec timeout{};
  if (due != kNever && due != 0) {
    const Nanos left = std::max<Nanos>(due - now(), 0);
    timeout = {.tv_sec = left / kSecond, .tv_nsec = left % kSecond};
  }
  std::array<epoll_event, 512> events;
  const int count =
      ::epoll_pwait2(epoll_.get(), events.data(), events.size(), due == kNever ? nullptr : &timeout, nullptr);
  if (count < 0 && errno != EINTR) throw std::system_error(errno, std::system_category(), "epoll_pwait2");
  for (int i = 0; i < count; ++i) static_cast<PollHandler*>(events[i].data.ptr)->on_ready(events[i].events);
}

}  // namespace gw::bench
