#include "runtime/blocking_pool.h"

#include <pthread.h>
#include <signal.h>

#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>
#include <vector>

namespace gw {

struct BlockingPool::Impl {
  std::mutex mutex;
  std::condition_variable changed;
  std::deque<std::function<void()>> waiting;
  bool closing = false;
  std::vector<std::thread> threads;

  void serve() {
    pthread_setname_np(pthread_self(), "blocking");
    for (std::unique_lock lock(mutex);;) {
      changed.wait(lock, [this] { return closing || !waiting.empty(); });
      if (closing) return;
      auto function = std::move(waiting.front());
      waiting.pop_front();
      lock.unlock();
      function();
      function = nullptr;
      lock.lock();
    }
  }
};

BlockingPool::BlockingPool(std::size_t threads) : impl_(std::make_unique<Impl>()) {
  sigset_t all;
  sigset_t before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  for (std::size_t i = 0; i < threads; ++i) impl_->threads.emplace_back([this] { impl_->serve(); });
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

BlockingPool::~BlockingPool() {
  {
    const std::lock_guard lock(impl_->mutex);
    impl_->closing = true;
  }
  impl_->changed.notify_all();
  for (auto& thread : impl_->threads) thread.join();
}

void BlockingPool::submit(std::function<void()> function) {
  {
    const std::lock_guard lock(impl_->mutex);
    impl_->waiting.push_back(std::move(function));
  }
  impl_->changed.notify_one();
}

}  // namespace gw
