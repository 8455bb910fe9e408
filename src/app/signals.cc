#include "app/signals.h"

#include <pthread.h>
#include <signal.h>

#include <cerrno>

namespace gw::app {
namespace {

sigset_t steering_signals() {
  sigset_t set;
  sigemptyset(&set);
  for (const int signal : {SIGHUP, SIGTERM, SIGINT}) sigaddset(&set, signal);
  return set;
}

}  // namespace

Signals::Signals() {
  const sigset_t set = steering_signals();
  ::pthread_sigmask(SIG_BLOCK, &set, nullptr);
}

Signals::Wish Signals::wait() {
  const sigset_t set = steering_signals();
  while (true) {
    const int signal = ::sigwaitinfo(&set, nullptr);
    if (signal == SIGHUP) return Wish::reload;
    if (signal > 0) return Wish::end;
  }
}

bool Signals::wait_at_most(Duration longest) {
  const sigset_t set = steering_signals();
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(longest);
  const timespec time{seconds.count(), (longest - seconds).count()};
  const int signal = ::sigtimedwait(&set, nullptr, &time);
  return signal == SIGTERM || signal == SIGINT;
}

}  // namespace gw::app
