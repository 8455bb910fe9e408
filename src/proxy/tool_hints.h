// What servers say about their tools, remembered for rules that look at it.
#pragma once

#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "policy/policy.h"

namespace gw::proxy {

// Thread-safe: one for all workers, touched only under rules about hints. Bounded: when it is full it forgets
// everything, and who asks next learns anew.
class ToolHints {
 public:
  explicit ToolHints(std::size_t most = 100'000) : most_(most) {}

  // Replaces what was known. Names over 1 KiB are not remembered.
  void learn(std::string_view adapter_uid, std::string_view tool, const policy::Hints& hints);
  // Nothing when no list has named the tool.
  std::optional<policy::Hints> find(std::string_view adapter_uid, std::string_view tool) const;
  std::size_t size() const;

 private:
  const std::size_t most_;
  mutable std::mutex mutex_;
  std::unordered_map<std::string, policy::Hints> known_;  // By uid, line feed, name.
};

}  // namespace gw::proxy
