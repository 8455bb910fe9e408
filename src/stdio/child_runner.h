// The life of one child process: starting it, carrying messages both ways, ending it.
#pragma once

#include <cstddef>
#include <deque>
#include <string>

#include "runtime/event.h"
#include "runtime/task.h"
#include "stdio/child_port.h"
#include "stdio/child_process.h"

namespace gw::stdio {

// Belongs to one loop. run() is called once and must have ended, or been cancelled, before this is destroyed.
class ChildRunner final : public ChildPort {
 public:
  // Bytes in the queue from which on it is congested; a child that lets even three times that and a message pile up is
  // stopped.
  static constexpr std::size_t max_queued = 8 << 20;

  // `max_message`: bytes of one message of the child.
  ChildRunner(ChildStarter& starter, std::size_t max_message) : starter_(starter), max_message_(max_message) {}

  // Starts the child and hands its messages to `events` until it ends or stop() is called; returns when it is gone.
  // events.child_gone() is called once, whatever happens.
  Task<> run(ChildEvents& events);
  void stop() { stop_.set(); }
  bool stopping() const { return stop_.is_set(); }

  // Whether the child has ever written a message: what it takes to count as started.
  bool heard() const { return heard_; }

  void send(std::string message) override;
  bool congested() const override { return queued_ > max_queued; }

 private:
  Task<std::string> read_messages(ChildProcess& child, ChildEvents& events);
  Task<> write_messages(ChildProcess& child);
  void take_line(ChildProcess& child, ChildEvents& events, std::string_view line);
  void take_message(ChildEvents& events, const mcp::Message& message);

  ChildStarter& starter_;
  const std::size_t max_message_;
  Event stop_;
  bool heard_ = false;
  std::deque<std::string> queue_;
  std::size_t queued_ = 0;  // Bytes, with the message that is being written.
  Event queue_filled_;
};

}  // namespace gw::stdio
