// The messages on their way to one HTTP response: the answer to a POST, or a stream that stays open.
#pragma once

#include <cstddef>
#include <list>
#include <optional>
#include <string>

#include "runtime/event.h"

namespace gw::streamable {

// The multiplexers put messages in and never wait; the task of the response takes them out. Used from one loop. The
// response owns it; multiplexers refer to it weakly, so that a client that goes away leaves nothing behind.
class Mailbox {
 public:
  enum class Ends {
    with_its_calls,  // When the last request that was posted with it has been answered.
    when_told,       // By close() only.
  };

  explicit Mailbox(Ends ends, std::size_t max_bytes = 16 << 20) : ends_(ends), max_bytes_(max_bytes) {}
  Mailbox(const Mailbox&) = delete;
  Mailbox& operator=(const Mailbox&) = delete;

  // The HTTP status when the only message that comes is the whole answer.
  void set_status(int status) { status_ = status; }
  int status() const { return status_; }

  // One JSON-RPC message. When those that wait exceed the bound (one message alone never does), the reader is too slow:
  // everything is dropped and the box is closed.
  void put(std::string message);

  // A request that will be answered here was passed on.
  void begin_call() { ++calls_; }
  // It was answered, or never will be.
  void end_call();

  void close();

  // The oldest message, or nothing.
  std::optional<std::string> take();
  bool empty() const { return messages_.empty(); }
  // Nothing more will be put in; what is in it may still be taken.
  bool closed() const { return closed_; }
  bool overflowed() const { return overflowed_; }

  // Set while there is something to take or the box is closed.
  Event& ready() { return ready_; }

 private:
  const Ends ends_;
  const std::size_t max_bytes_;
  std::list<std::string> messages_;
  std::size_t bytes_ = 0;
  std::size_t calls_ = 0;
  int status_ = 200;
  bool closed_ = false;
  bool overflowed_ = false;
  Event ready_;
};

}  // namespace gw::streamable
