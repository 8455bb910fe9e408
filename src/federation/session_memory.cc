#include "federation/session_memory.h"

#include "base/strings.h"
#include "mcp/json_text.h"

namespace gw::federation {
namespace {

const SessionRecordPtr nothing_said = std::make_shared<const SessionRecord>();

std::string list_text(const std::set<std::string>& texts) {
  std::string out;
  for (const std::string& text : texts) out.append(out.empty() ? "" : ",").append(json_quote(text));
  return "[" + out + "]";
}

std::set<std::string> texts_of(std::string_view list) {
  std::set<std::string> texts;
  if (!list.starts_with('[')) return texts;
  mcp::JsonScanner json(list, 4);
  std::string_view raw;
  for (json.enter_array(); json.next_element() && json.take(raw);) {
    if (mcp::is_json_string(raw)) texts.insert(mcp::json_unquote(raw));
  }
  return texts;
}

}  // namespace

std::string to_text(const SessionRecord& record) {
  std::string text = record.ended ? R"({"ended":true)" : R"({"ended":false)";
  text.append(R"(,"logLevel":)").append(json_quote(record.log_level));
  text.append(R"(,"subscriptions":)").append(list_text(record.subscriptions));
  if (record.selected) text.append(R"(,"selected":)").append(list_text(*record.selected));
  return text + "}";
}

std::optional<SessionRecord> record_from_text(std::string_view text) {
  mcp::JsonScanner json(text, 8);
  std::string_view whole;
  if (!json.take(whole) || !json.finish() || !mcp::is_json_object(whole)) return {};
  SessionRecord record;
  record.ended = mcp::json_member(whole, "ended") == "true";
  const std::string_view level = mcp::json_member(whole, "logLevel");
  if (mcp::is_json_string(level)) record.log_level = mcp::json_unquote(level);
  record.subscriptions = texts_of(mcp::json_member(whole, "subscriptions"));
  const std::string_view selected = mcp::json_member(whole, "selected");
  if (!selected.empty()) record.selected = texts_of(selected);
  return record;
}

SessionRecordPtr SessionMemory::find(std::string_view id) const {
  const std::lock_guard lock(mutex_);
  const auto it = entries_.find(id);
  return it == entries_.end() ? nothing_said : it->second.record;
}

void SessionMemory::put(const std::string& id, SessionRecordPtr record) {
  const SteadyTime now = steady_now();
  const auto [it, added] = entries_.try_emplace(id);
  if (!added) order_of(*it->second.record).erase(it->second.place);
  Order& order = order_of(*record);
  it->second = {std::move(record), now, order.insert(order.end(), id)};
  forget_oldest(order_, now);
  forget_oldest(ended_, now);
}

void SessionMemory::forget_oldest(Order& order, SteadyTime now) {
  while (order.size() > most_ || (!order.empty() && entries_.at(order.front()).changed + lifetime_ < now)) {
    entries_.erase(order.front());
    order.pop_front();
  }
}

void SessionMemory::change(const std::string& id, const std::function<void(SessionRecord&)>& change, bool keep) {
  SessionRecordPtr changed;
  {
    const std::lock_guard lock(mutex_);
    const auto it = entries_.find(id);
    auto record = std::make_shared<SessionRecord>(it == entries_.end() ? SessionRecord() : *it->second.record);
    if (record->ended) return;
    change(*record);
    changed = record;
    put(id, changed);
    const auto [first, last] = watches_.equal_range(id);
    for (auto watch = first; watch != last; ++watch) peer::wake(watch->second);
  }
  if (keep && on_change) on_change(id, *changed);
}

void SessionMemory::end(const std::string& id) {
  change(id, [](SessionRecord& record) { record = {.ended = true}; });
}

void SessionMemory::restore(const std::string& id, SessionRecord record) {
  const std::lock_guard lock(mutex_);
  put(id, std::make_shared<const SessionRecord>(std::move(record)));
}

std::size_t SessionMemory::size() const {
  const std::lock_guard lock(mutex_);
  return entries_.size();
}

SessionMemory::Watch::Watch(SessionMemory& memory, std::string id)
    : memory_(memory), id_(std::move(id)), waiter_(std::make_shared<peer::Waiter>(*Loop::current())) {
  const std::lock_guard lock(memory_.mutex_);
  memory_.watches_.emplace(id_, waiter_);
}

SessionMemory::Watch::~Watch() {
  const std::lock_guard lock(memory_.mutex_);
  const auto [first, last] = memory_.watches_.equal_range(id_);
  for (auto it = first; it != last; ++it) {
    if (it->second != waiter_) continue;
    memory_.watches_.erase(it);
    break;
  }
}

}  // namespace gw::federation
