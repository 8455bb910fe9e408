// Messages for one reader on one loop, from any thread.
#pragma once

#include <atomic>
#include <deque>
#include <memory>
#include <optional>
#include <string>

#include "base/error.h"
#include "runtime/event.h"
#include "runtime/task.h"

namespace gw::peer {

class Mailbox {
 public:
  // At most `max_bytes` wait here.
  explicit Mailbox(std::size_t max_bytes) : state_(std::make_shared<State>(*Loop::current(), max_bytes)) {}

  // The next message; an error when there will be no more, or when too much waited here.
  Task<Result<std::string>> next();

  // Thread-safe but for the members that belong to the loop. Only while the mailbox is known to exist.
  struct State : std::enable_shared_from_this<State> {
    State(Loop& its_loop, std::size_t max) : loop(its_loop), max_bytes(max) {}
    void put(std::string text);
    void end(Error error);

    Loop& loop;
    const std::size_t max_bytes;
    std::atomic<std::size_t> bytes = 0;
    // Of the loop:
    std::deque<std::string> texts;
    std::optional<Error> ended;
    Event arrived;
  };
  const std::shared_ptr<State>& state() const { return state_; }

 private:
  std::shared_ptr<State> state_;
};

}  // namespace gw::peer
