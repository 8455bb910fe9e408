// Edge-triggered epoll for one thread. Deliberately not the gateway's own loop: a defect there must not bend the ruler.
#pragma once

#include <cstdint>

#include "bench/common/clock.h"
#include "bench/common/sockets.h"

namespace gw::bench {

// Receives the events of one descriptor. Must not be destroyed while Poller::wait() runs.
class PollHandler {
 public:
  // `events` are EPOLLIN, EPOLLOUT, EPOLLRDHUP, EPOLLHUP, EPOLLERR.
  virtual void on_ready(std::uint32_t events) = 0;

 protected:
  ~PollHandler() = default;
};

class Poller {
 public:
  Poller();

  // Registers for both directions until `fd` is closed. Throws std::system_error.
  void add(int fd, PollHandler& handler);

  // Calls the handlers of what is ready; waits for the first until `due` (kNever: without end, 0: not at all).
  void wait(Nanos due);

 private:
  Fd epoll_;
};

}  // namespace gw::bench
