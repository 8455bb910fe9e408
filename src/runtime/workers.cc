#include "runtime/workers.h"

#include <pthread.h>
#include <signal.h>

#include <string>
#include <thread>

#include "base/check.h"

namespace gw {

struct Workers::Impl {
  const char* name;
  std::vector<std::unique_ptr<Loop>> loops;
  std::vector<std::thread> threads;
};

Workers::Workers(std::size_t count, const char* name) : impl_(std::make_unique<Impl>()) {
  impl_->name = name;
  GW_CHECK(count > 0);
  for (std::size_t i = 0; i < count; ++i) impl_->loops.push_back(std::make_unique<Loop>());
}

Workers::~Workers() {
  stop();
}

std::size_t Workers::size() const {
  return impl_->loops.size();
}
Loop& Workers::loop(std::size_t index) {
  return *impl_->loops.at(index);
}

void Workers::start() {
  sigset_t all;
  sigset_t before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);  // Threads inherit the mask: signals stay with the main thread.
  for (std::size_t i = 0; i < size(); ++i) {
    impl_->threads.emplace_back([this, i] {
      pthread_setname_np(pthread_self(), (std::string(impl_->name) + "-" + std::to_string(i)).c_str());
      impl_->loops[i]->run();
    });
  }
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

void Workers::stop() {
  for (auto& loop : impl_->loops) loop->stop();
  for (auto& thread : impl_->threads) thread.join();
  impl_->threads.clear();
}

void Workers::post_to_all(const std::function<void(std::size_t)>& function) {
  for (std::size_t i = 0; i < size(); ++i) {
    impl_->loops[i]->post([function, i] { function(i); });
  }
}

}  // namespace gw
