#include "tools/tool_health.h"

#include "base/log.h"

namespace gw::tools {

void ToolHealth::unanswered(std::string_view tool, std::string_view error) {
  {
    const std::lock_guard lock(mutex_);
    if (const auto known = unreachable_.find(tool); known != unreachable_.end()) {
      ++known->second.attempts;
      known->second.error = error;
      return;
    }
    if (unreachable_.size() == most) return;
    unreachable_.emplace(tool, Unreachable{.since = wall_now(), .attempts = 1, .error = std::string(error)});
    slot(tool).fetch_add(1, std::memory_order_relaxed);
  }
  log::warn("tools.unreachable", {{"tool", tool}, {"error", error}});
}

void ToolHealth::forget(std::string_view tool) {
  take(tool);
}

std::optional<Unreachable> ToolHealth::find(std::string_view tool) const {
  const std::lock_guard lock(mutex_);
  const auto found = unreachable_.find(tool);
  return found == unreachable_.end() ? std::nullopt : std::optional(found->second);
}

std::optional<Unreachable> ToolHealth::take(std::string_view tool) {
  const std::lock_guard lock(mutex_);
  const auto found = unreachable_.find(tool);
  if (found == unreachable_.end()) return {};
  slot(tool).fetch_sub(1, std::memory_order_relaxed);
  return std::move(unreachable_.extract(found).mapped());
}

void ToolHealth::recover(std::string_view tool) {
  if (const auto before = take(tool)) log::info("tools.reachable", {{"tool", tool}, {"attempts", before->attempts}});
}

}  // namespace gw::tools
