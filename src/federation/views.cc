#include "federation/views.h"

namespace gw::federation {

ViewPtr ViewCache::view(const Caller& caller, catalogue::Kind kind) {
  if (snapshot_ != caller.offer->snapshot) {
    clear();
    snapshot_ = caller.offer->snapshot;
  }
  auto& remembered = kinds_[static_cast<std::size_t>(kind)].by_caller;
  std::string key = view_key(caller);
  const SteadyTime now = steady_now();
  if (const auto it = remembered.find(key); it != remembered.end() && now < it->second.until) return it->second.view;
  ViewPtr made = make(caller, kind);
  if (remembered.size() >= max_callers) remembered.clear();
  const SteadyTime until = access_.settings().policy.empty() ? never : now + longest_with_rules;
  remembered[std::move(key)] = {made, until};
  return made;
}

ViewPtr ViewCache::make(const Caller& caller, catalogue::Kind kind) {
  Visibility visible(access_, backends_, caller);
  const auto& items = caller.snapshot().items(kind);
  std::string content;
  content.reserve(items.size());
  for (const catalogue::Item& item : items) {
    content += catalogue::suits(item, caller.era) && visible.shows(item) ? '1' : '0';
  }
  auto& by_content = kinds_[static_cast<std::size_t>(kind)].by_content;
  if (const auto it = by_content.find(content); it != by_content.end()) return it->second;

  counters_.views.add();
  std::size_t position = 0;
  auto made = std::make_shared<const catalogue::View>(catalogue::make_view(
      caller.offer->snapshot, kind, [&](const catalogue::Item&) { return content[position++] == '1'; }));
  const std::size_t size = made->joined.size() + made->items.size() * 16 + content.size();
  if (bytes_ + size > max_bytes_) {
    const auto snapshot = snapshot_;
    clear();
    snapshot_ = snapshot;
  }
  bytes_ += size;
  kinds_[static_cast<std::size_t>(kind)].by_content[std::move(content)] = made;
  return made;
}

void ViewCache::clear() {
  for (Kind& kind : kinds_) kind = {};
  bytes_ = 0;
  snapshot_ = nullptr;
}

}  // namespace gw::federation
