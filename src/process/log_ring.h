// The latest output of one adapter instance, kept over restarts of its process.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/event.h"
#include "runtime/loop.h"
#include "runtime/task.h"
#include "runtime/time.h"

namespace gw::process {

// Where a line came from: the process's standard output or error, or the gateway speaking about the process.
enum class LogStream { out, err, gateway };

std::string_view to_string(LogStream stream);  // "stdout", "stderr", "gateway"

struct LogLine {
  std::uint64_t number = 0;  // 1 for the first line of the ring's life, then without gaps.
  WallTime at{};             // When the gateway read it.
  LogStream stream = LogStream::err;
  std::string text;  // Without the line end. Bytes as the process wrote them: not necessarily UTF-8.
};

// A bounded ring of lines: the oldest are dropped. Thread-safe.
class LogRing {
 public:
  static constexpr std::size_t default_bytes = 256 << 10;
  static constexpr std::size_t max_line = 8 << 10;  // Longer lines are cut and end with " …[cut]".

  // `max_bytes` bounds the memory, counting the book-keeping of each line.
  explicit LogRing(std::size_t max_bytes = default_bytes);
  ~LogRing();
  LogRing(const LogRing&) = delete;
  LogRing& operator=(const LogRing&) = delete;

  void append(LogStream stream, std::string_view text);

  // The last `count` lines at or after `since`, oldest first.
  std::vector<LogLine> tail(std::size_t count, WallTime since = {}) const;
  // At most `count` lines that follow line `number`, oldest first. A first number above number + 1 tells that lines in
  // between were dropped.
  std::vector<LogLine> after(std::uint64_t number, std::size_t count) const;

 private:
  friend class LogFollower;
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

// Waits for new lines of a ring, on the loop where it was made. Destroy it there too.
class LogFollower {
 public:
  static constexpr std::size_t batch = 256;

  // Begins after line `number`.
  LogFollower(std::shared_ptr<LogRing> ring, std::uint64_t number);
  ~LogFollower();
  LogFollower(const LogFollower&) = delete;
  LogFollower& operator=(const LogFollower&) = delete;

  // The next lines, at least one and at most `batch`. May be cancelled; one call at a time.
  Task<std::vector<LogLine>> next();

 private:
  friend class LogRing;
  struct Watch;
  std::shared_ptr<LogRing> ring_;
  std::uint64_t number_;
  std::shared_ptr<Watch> watch_;
};

}  // namespace gw::process
