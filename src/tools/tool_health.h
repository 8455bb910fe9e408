// Which registered tools give no answer, since when, and what was tried.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "runtime/time.h"

namespace gw::tools {

// A server is reachable when it answers with HTTP, whatever the status.
struct Unreachable {
  WallTime since{};            // The first call without an answer.
  std::uint64_t attempts = 0;  // Calls since then, the first included.
  std::string error;           // Of the last.
};

// Of all workers. Thread-safe. A tool that answers costs an atomic read, as long as none is unreachable that shares its
// slot. Logs `tools.unreachable` and `tools.reachable`, when it changes.
class ToolHealth {
 public:
  void answered(std::string_view tool) {
    if (slot(tool).load(std::memory_order_relaxed) != 0) recover(tool);
  }
  void unanswered(std::string_view tool, std::string_view error);
  // It is another now, or none.
  void forget(std::string_view tool);

  // Nothing: no call has failed since it answered last.
  std::optional<Unreachable> find(std::string_view tool) const;

 private:
  static constexpr std::size_t most = 4'096;  // More at once are not remembered.
  using Slot = std::atomic<std::uint32_t>;    // How many of its tools are unreachable.

  Slot& slot(std::string_view tool) { return slots_[std::hash<std::string_view>()(tool) % slots_.size()]; }
  std::optional<Unreachable> take(std::string_view tool);
  void recover(std::string_view tool);

  std::array<Slot, 1'024> slots_{};
  mutable std::mutex mutex_;
  std::map<std::string, Unreachable, std::less<>> unreachable_;
};

}  // namespace gw::tools
