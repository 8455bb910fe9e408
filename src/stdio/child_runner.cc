#include "stdio/child_runner.h"

#include <algorithm>
#include <vector>

#include "base/log.h"
#include "base/strings.h"
#include "runtime/race.h"
#include "runtime/task_group.h"
#include "stdio/line_framer.h"

namespace gw::stdio {
namespace {

// Reads and lines after which others have their turn: a child that writes faster than it is read never makes a read
// wait.
constexpr std::uint64_t steps_per_turn = 64;

}  // namespace

Task<> ChildRunner::run(ChildEvents& events) {
  auto started = co_await starter_.start();
  if (!started) {
    events.child_gone(started.error().message());
    co_return;
  }
  ChildProcess& child = **started;
  Race<std::string> reading(read_messages(child, events));
  TaskGroup helpers;
  helpers.spawn("stdio.write", write_messages(child));
  helpers.spawn("stdio.stop", [](Event& stop, Race<std::string>& race) -> Task<> {
    co_await stop;
    race.call_off();
  }(stop_, reading));
  const auto problem = co_await reading;
  if (!problem || !problem->empty()) events.child_gone(problem ? *problem : "it was stopped");
  const std::string end = co_await child.stop();
  if (problem && problem->empty()) events.child_gone(end);
}

// Reads to the end of the output; a sentence when something else ended it.
Task<std::string> ChildRunner::read_messages(ChildProcess& child, ChildEvents& events) {
  LineFramer framer(max_message_);
  std::vector<char> buffer(64 << 10);
  std::uint64_t steps = 0;
  while (!stopping()) {
    if (++steps % steps_per_turn == 0) co_await yield();
    const auto bytes = co_await child.read(buffer);
    if (!bytes || *bytes == 0) co_return "";
    framer.feed({buffer.data(), *bytes});
    while (true) {
      const auto line = framer.next();
      if (!line) co_return line.error().message();
      if (!*line) break;
      take_line(child, events, **line);
      if (++steps % steps_per_turn == 0) co_await yield();
    }
  }
  co_return "it was stopped";
}

void ChildRunner::take_line(ChildProcess& child, ChildEvents& events, std::string_view line) {
  const mcp::ScanLimits limits{.max_bytes = max_message_};
  const auto message = mcp::scan(line, limits);
  if (!message) {
    log::debug("stdio.not_a_message", {{"problem", message.error().message}});
    child.keep_log_line(line);
  } else if (message->kind != mcp::Kind::batch) {
    take_message(events, *message);
  } else {
    for (const auto element : message->elements) {
      if (const auto single = mcp::scan(element, limits); single && single->kind != mcp::Kind::batch) {
        take_message(events, *single);
      }
    }
  }
}

void ChildRunner::take_message(ChildEvents& events, const mcp::Message& message) {
  heard_ = true;
  events.from_child(message);
}

void ChildRunner::send(std::string message) {
  // In JSON a line break can only stand between tokens, where any blank does.
  for (const char line_break : {'\n', '\r'}) {
    if (message.contains(line_break)) std::ranges::replace(message, line_break, ' ');
  }
  message += '\n';
  // What nobody may refuse, such as answers to its own requests, piles up when it does not read.
  if (queued_ > 3 * max_queued + max_message_) return stop();
  queued_ += message.size();
  queue_.push_back(std::move(message));
  queue_filled_.set();
}

Task<> ChildRunner::write_messages(ChildProcess& child) {
  while (true) {
    co_await queue_filled_;
    queue_filled_.reset();
    while (!queue_.empty()) {
      std::string message = std::move(queue_.front());
      queue_.pop_front();
      const std::size_t size = message.size();
      const auto written = co_await child.write(std::move(message));
      if (!written) co_return;  // It has closed its input: its end will be seen by the reader.
      queued_ -= size;
    }
  }
}

}  // namespace gw::stdio
