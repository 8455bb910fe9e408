#include "proxy/tool_hints.h"

namespace gw::proxy {
namespace {

constexpr std::size_t max_name = 1024;

std::string key_of(std::string_view adapter_uid, std::string_view tool) {
  std::string key(adapter_uid);
  key += '\n';
  key += tool;
  return key;
}

}  // namespace

void ToolHints::learn(std::string_view adapter_uid, std::string_view tool, const policy::Hints& hints) {
  if (tool.size() > max_name) return;
  std::string key = key_of(adapter_uid, tool);
  const std::lock_guard lock(mutex_);
  if (known_.size() >= most_ && !known_.contains(key)) known_.clear();
  known_.insert_or_assign(std::move(key), hints);
}

std::optional<policy::Hints> ToolHints::find(std::string_view adapter_uid, std::string_view tool) const {
  const std::string key = key_of(adapter_uid, tool);
  const std::lock_guard lock(mutex_);
  const auto found = known_.find(key);
  if (found == known_.end()) return {};
  return found->second;
}

std::size_t ToolHints::size() const {
  const std::lock_guard lock(mutex_);
  return known_.size();
}

}  // namespace gw::proxy
