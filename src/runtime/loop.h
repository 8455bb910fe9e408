// The event loop of one worker thread: file descriptors, timers, and functions posted from other threads.
//
// Descriptors are registered once, edge-triggered, for both directions. Readiness is remembered by whoever owns the
// descriptor (net/fd_stream.h), so that a wait costs no system call: docs/adr/0002-own-event-loop.md has the figures.
#pragma once

#include <coroutine>
#include <functional>
#include <map>
#include <memory>
#include <vector>

#include "base/error.h"
#include "runtime/intrusive_list.h"
#include "runtime/time.h"

namespace gw {

class Loop;

// What a descriptor became ready for. Several may be set at once.
struct Readiness {
  bool readable = false;
  bool writable = false;
  bool hangup = false;  // The peer will send nothing more, or the descriptor failed.
};

// Receives the readiness of one descriptor. Deregisters itself when destroyed.
class Pollable {
 public:
  Pollable() = default;
  Pollable(const Pollable&) = delete;
  Pollable& operator=(const Pollable&) = delete;

  // Called on the loop's thread, from the loop only. It may destroy this object and any other.
  virtual void on_ready(Readiness ready) = 0;

 protected:
  // Derived classes call Loop::remove before they close the descriptor.
  ~Pollable() = default;
};

// Calls a function once at a time. Deregisters itself when destroyed; re-arming replaces the earlier time.
class Timer {
 public:
  Timer(Loop& loop, std::function<void()> on_due);
  ~Timer();
  Timer(const Timer&) = delete;
  Timer& operator=(const Timer&) = delete;

  void arm(SteadyTime due);
  void disarm();
  bool armed() const { return armed_; }

 private:
  friend class Loop;
  Loop& loop_;
  std::function<void()> on_due_;
  bool armed_ = false;
  std::multimap<SteadyTime, Timer*>::iterator position_;
};

// Something with a coarse deadline, swept four times a second. Setting the deadline costs one store, which is why
// connections use it and not a Timer.
class Expirable : public ListNode {
 public:
  virtual void on_expired() = 0;
  SteadyTime deadline = never;

 protected:
  ~Expirable() = default;
};

// A suspended task that the loop will resume in its next round. Leaves the queue when it is destroyed.
struct Resumable : ListNode {
  std::coroutine_handle<> waiting;
};

class Loop {
 public:
  // Also makes the process ignore SIGPIPE: a peer that has gone is an error of the write.
  Loop();
  ~Loop();
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;

  // The loop whose run() the calling thread is in; null outside.
  static Loop* current();

  // Runs until stop(). All other methods but post() and stop() belong to this thread (or to any before run()).
  void run();
  // Thread-safe.
  void stop();
  // Runs `function` on the loop's thread, after what is running now. Thread-safe; functions posted from one thread keep
  // their order. What has not run when the loop is destroyed is dropped.
  void post(std::function<void()> function);

  // The time when the loop last woke: exact enough for deadlines, free to read.
  SteadyTime now() const { return now_; }

  // `fd` must be non-blocking and stay open until remove().
  Result<> add(int fd, Pollable& pollable);
  void remove(int fd, Pollable& pollable);
  void add_expirable(Expirable& item) { expirables_.push_back(item); }
  void resume_soon(Resumable& task) { resumable_.push_back(task); }

  // Whether this round serves several descriptors. Then who writes had better wait for the end of the round: a peer
  // that the first message wakes finds the others there too, instead of falling asleep between any two of them.
  bool crowded() const { return crowded_; }
  // Resumes `task` in this round when all others of it have run. Only while crowded().
  void resume_at_end_of_round(Resumable& task) { at_end_.push_back(task); }

  // Runs one round, waiting at most `longest`. For tests and for run().
  void run_once(Duration longest);

 private:
  friend class Timer;
  struct Impl;

  void run_posted();
  void run_resumable();
  void run_due_timers();
  void sweep_expired();

  std::unique_ptr<Impl> impl_;
  SteadyTime now_;
  SteadyTime next_sweep_{};
  std::multimap<SteadyTime, Timer*> timers_;
  IntrusiveList<Expirable> expirables_;
  IntrusiveList<Resumable> resumable_;
  IntrusiveList<Resumable> at_end_;
  bool crowded_ = false;
};

}  // namespace gw
