#include "federation/under_way.h"

#include "base/strings.h"
#include "mcp/json_text.h"
#include "runtime/random.h"

namespace gw::federation {
namespace {

// 1 and "1" differ, "a" and "\u0061" do not.
std::string canonical(std::string_view request) {
  return request.contains('\\') ? json_quote(mcp::json_unquote(request)) : std::string(request);
}

}  // namespace

CallTable::Entry CallTable::add(std::string_view session, std::string_view request, std::function<void()> cancel) {
  auto slot = std::make_shared<Slot>(*Loop::current(), std::move(cancel), canonical(request));
  const Key key{session, slot->request};
  const std::lock_guard lock(mutex_);
  if (const auto [it, added] = calls_.try_emplace(key, slot); !added) {
    calls_.erase(it);  // Its key borrows from its own slot.
    calls_.emplace(key, slot);
  }
  return {*this, session, std::move(slot)};
}

CallTable::Entry::~Entry() {
  slot_->gone = true;
  const std::lock_guard lock(table_->mutex_);
  const auto it = table_->calls_.find(Key{session_, slot_->request});
  if (it != table_->calls_.end() && it->second == slot_) table_->calls_.erase(it);
}

void CallTable::cancel(std::string_view session, std::string_view request) {
  const std::string id = canonical(request);
  const std::lock_guard lock(mutex_);
  const auto it = calls_.find(Key{session, id});
  if (it == calls_.end()) return;
  call_off(it->second);
  calls_.erase(it);
}

void CallTable::cancel_all(std::string_view session) {
  const std::lock_guard lock(mutex_);
  for (auto it = calls_.lower_bound(Key{session, {}}); it != calls_.end() && it->first.session == session;) {
    call_off(it->second);
    it = calls_.erase(it);
  }
}

void CallTable::call_off(const std::shared_ptr<Slot>& slot) {
  slot->loop.post([slot] {
    if (!slot->gone) slot->cancel();
  });
}

Questions::Question Questions::ask(std::string session) {
  auto slot = std::make_shared<Slot>(*Loop::current(), std::move(session));
  std::string id = json_quote("gw-" + random_hex(12));
  {
    const std::lock_guard lock(mutex_);
    open_[id] = slot;
  }
  return {*this, std::move(id), std::move(slot)};
}

Questions::Question::~Question() {
  const std::lock_guard lock(table_.mutex_);
  table_.open_.erase(id_);
}

Task<std::string> Questions::Question::answer() {
  co_await slot_->answered;
  co_return *slot_->answer;
}

bool Questions::answered(std::string_view session, std::string_view id, std::string message) {
  const std::lock_guard lock(mutex_);
  const auto it = open_.find(id);
  if (it == open_.end() || it->second->session != session) return false;
  it->second->loop.post([slot = it->second, message = std::move(message)] {
    slot->answer = message;
    slot->answered.set();
  });
  open_.erase(it);
  return true;
}

}  // namespace gw::federation
