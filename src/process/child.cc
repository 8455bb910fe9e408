#include "process/child.h"

#include "process/launcher.h"
#include "process/process_state.h"
#include "runtime/race.h"

namespace gw::process {
namespace {

Task<> wait_for(Event& event) {
  co_await event;
}

}  // namespace

Child::Child(Launcher& launcher, std::shared_ptr<ProcessState> state, std::string name)
    : launcher_(launcher), state_(std::move(state)), name_(std::move(name)) {
  state_->before_exit = [this] { last_words(); };
}

Child::~Child() {
  state_->before_exit = nullptr;
  launcher_.forget(*state_);
}

pid_t Child::pid() const {
  return state_->pid;
}
Event& Child::exited() {
  return state_->exited;
}
bool Child::running() const {
  return !state_->exited.is_set();
}
const ExitStatus& Child::status() const {
  return state_->status;
}

void Child::terminate() {
  launcher_.terminate(*state_);
}
void Child::kill() {
  launcher_.kill(*state_);
}

void Child::last_words() {
  if (output_log_) output_log_->finish();
  if (error_log_) error_log_->finish();
}

Task<ExitStatus> Child::stop(StopGrace grace) {
  const auto state = state_;
  if (input_) {
    input_->close();
    co_await with_timeout(grace.after_close, wait_for(state->exited));
  }
  if (running()) {
    terminate();
    co_await with_timeout(grace.after_terminate, wait_for(state->exited));
  }
  if (running()) {
    kill();
    co_await state->exited;
  }
  co_return state->status;
}

}  // namespace gw::process
