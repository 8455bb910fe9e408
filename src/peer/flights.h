// One task at a time does something, over all loops; others that want the same wait for it on their own loop.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "base/error.h"
#include "runtime/task.h"

namespace gw::peer {

// Thread-safe.
//
//   while (true) {
//     if (found()) …
//     GW_CO_TRY(auto turn, co_await flights.take_turn(key));
//     if (!turn) continue;                       // Somebody else did it, or gave up: look again.
//     auto done = co_await do_it();
//     if (!done) turn->failed(done.error());     // Those who wait fail the same way.
//   }
class Flights {
 public:
  struct State;
  // Ends, and wakes those who wait, when it is destroyed.
  class Turn {
   public:
    Turn(std::shared_ptr<State> state, std::string key) : state_(std::move(state)), key_(std::move(key)) {}
    Turn(Turn&&) noexcept = default;
    Turn& operator=(Turn&&) = delete;
    ~Turn();
    void failed(Error error) { error_ = std::move(error); }

   private:
    std::shared_ptr<State> state_;
    std::string key_;
    std::optional<Error> error_;
  };

  Flights();
  // A turn at once when nobody has it. Else waits, and then says nothing, or what the other failed with.
  Task<Result<std::optional<Turn>>> take_turn(std::string key);

 private:
  std::shared_ptr<State> state_;
};

}  // namespace gw::peer
