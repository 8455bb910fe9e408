// Tasks on a loop that runs only while somebody waits for one of them: commands do one thing after the other.
#pragma once

#include <memory>
#include <optional>

#include "base/error.h"
#include "net/resolver.h"
#include "runtime/loop.h"
#include "runtime/race.h"
#include "runtime/task_group.h"

namespace gw::cli {

// As long as it lives, SIGINT and SIGTERM do not end the program but are told here. For the main thread.
class Interrupts {
 public:
  Interrupts();
  ~Interrupts();
  Interrupts(const Interrupts&) = delete;
  Interrupts& operator=(const Interrupts&) = delete;

  // Readable as soon as there was a signal, until it is take()n.
  int descriptor() const;
  bool take();
  // Waits until `other` is readable or has ended: true. False after `longest`; Errc::cancelled when a signal came.
  Result<bool> wait_for(int other, Duration longest);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

class Runner {
 public:
  // Without `interrupts`, signals do what they usually do.
  explicit Runner(Interrupts* interrupts = nullptr);
  ~Runner();

  net::Resolver& resolver() { return resolver_; }

  // Waits for the task. Errc::cancelled when a signal came first: then the task was destroyed.
  template <class T>
  Result<T> run(Task<Result<T>> task) {
    std::optional<Result<T>> outcome;
    Race<Result<T>> race(std::move(task));
    {
      TaskGroup group;
      loop_.post([&] { group.spawn("cli.run", finish(race, outcome)); });
      const CallOff call_off(*this, [&race] { race.call_off(); });
      while (!outcome) loop_.run_once(std::chrono::milliseconds(100));
    }
    return *std::move(outcome);
  }

 private:
  // What a signal does, as long as it lives.
  class CallOff {
   public:
    CallOff(Runner& runner, std::function<void()> function);
    ~CallOff();

   private:
    Runner& runner_;
  };
  class Watch;

  template <class T>
  static Task<> finish(Race<Result<T>>& race, std::optional<Result<T>>& outcome) {
    auto value = co_await race;
    outcome = value ? *std::move(value) : Result<T>(fail(Errc::cancelled, "interrupted"));
  }

  Loop loop_;
  BlockingPool blocking_{1};
  net::Resolver resolver_{blocking_};
  std::function<void()> on_interrupt_;
  std::unique_ptr<Watch> watch_;
};

}  // namespace gw::cli
