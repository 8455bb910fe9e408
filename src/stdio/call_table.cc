#include "stdio/call_table.h"

#include <algorithm>

#include "base/check.h"
#include "base/strings.h"
#include "mcp/json_text.h"

namespace gw::stdio {

std::string canonical_id(std::string_view raw) {
  if (raw.find('\\') == std::string_view::npos) return std::string(raw);
  return json_quote(mcp::json_unquote(raw));
}

void Call::finish(std::optional<std::string> answer) const {
  const auto box = answers.lock();
  if (!box) return;
  if (answer) box->put(*std::move(answer));
  box->end_call();
}

void CallTable::add(Call call) {
  std::string key = call.child_id;
  const bool added = calls_.emplace(std::move(key), std::move(call)).second;
  GW_CHECK(added);
}

Call* CallTable::find(std::string_view child_id) {
  const auto found = calls_.find(child_id);
  return found == calls_.end() ? nullptr : &found->second;
}

std::optional<Call> CallTable::take(std::string_view child_id) {
  const auto found = calls_.find(child_id);
  if (found == calls_.end()) return {};
  Call call = std::move(found->second);
  calls_.erase(found);
  return call;
}

Call* CallTable::latest(const Match& match) {
  Call* best = nullptr;
  for (auto& [child_id, call] : calls_) {
    if (match(call) && (!best || call.number > best->number)) best = &call;
  }
  return best;
}

std::size_t CallTable::count(const Match& match) const {
  return static_cast<std::size_t>(
      std::count_if(calls_.begin(), calls_.end(), [&](const auto& entry) { return match(entry.second); }));
}

}  // namespace gw::stdio
