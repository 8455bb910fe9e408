#include "cli/runner.h"

#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "base/check.h"

namespace gw::cli {

struct Interrupts::State {
  sigset_t before{};
  int descriptor = -1;
};

Interrupts::Interrupts() : state_(std::make_unique<State>()) {
  sigset_t set;
  sigemptyset(&set);
  for (const int signal : {SIGINT, SIGTERM}) sigaddset(&set, signal);
  ::pthread_sigmask(SIG_BLOCK, &set, &state_->before);
  state_->descriptor = ::signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
  GW_CHECK(state_->descriptor >= 0, "signalfd");
}

Interrupts::~Interrupts() {
  ::close(state_->descriptor);
  ::pthread_sigmask(SIG_SETMASK, &state_->before, nullptr);
}

int Interrupts::descriptor() const {
  return state_->descriptor;
}

bool Interrupts::take() {
  signalfd_siginfo info{};
  return ::read(state_->descriptor, &info, sizeof(info)) == sizeof(info);
}

Result<bool> Interrupts::wait_for(int other, Duration longest) {
  pollfd waiting[] = {{state_->descriptor, POLLIN, 0}, {other, POLLIN, 0}};
  const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(longest).count();
  ::poll(waiting, 2, static_cast<int>(ms));
  if (take()) return fail(Errc::cancelled, "interrupted");
  return waiting[1].revents != 0;
}

// Watches for signals while the loop runs.
class Runner::Watch final : public Pollable {
 public:
  Watch(Runner& runner, Interrupts& interrupts) : runner_(runner), interrupts_(interrupts) {
    const auto added = runner_.loop_.add(interrupts_.descriptor(), *this);
    GW_CHECK(added.has_value(), "signalfd");
  }
  ~Watch() { runner_.loop_.remove(interrupts_.descriptor(), *this); }

  void on_ready(Readiness) override {
    if (interrupts_.take() && runner_.on_interrupt_) runner_.on_interrupt_();
  }

 private:
  Runner& runner_;
  Interrupts& interrupts_;
};

Runner::Runner(Interrupts* interrupts) {
  if (interrupts != nullptr) watch_ = std::make_unique<Watch>(*this, *interrupts);
}
Runner::~Runner() = default;

Runner::CallOff::CallOff(Runner& runner, std::function<void()> function) : runner_(runner) {
  runner_.on_interrupt_ = std::move(function);
}
Runner::CallOff::~CallOff() {
  runner_.on_interrupt_ = {};
}

}  // namespace gw::cli
