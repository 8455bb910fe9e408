#include "federation/under_way.h"

#include "base/strings.h"
#include "mcp/json_text.h"
#include "runtime/random.h"

namespace gw::federation {
namespace {

// 1 and "1" differ, "a" and "\u0061" do not.
std::string key_of(std::string_view session, std::string_view request) {
  std::string key(session);
  key += ' ';
  return key +=
         request.find('\\') == std::string_view::npos ? std::string(request) : json_quote(mcp::json_unquote(request));
}

}  // namespace

CallTable::Entry CallTable::add(std::string_view session, std::string_view request, std::function<void()> cancel) {
  auto slot = std::make_shared<Slot>(*Loop::current(), std::move(cancel));
  std::string key = key_of(session, request);
  {
    const std::lock_guard lock(mutex_);
    calls_[key] = slot;
  }
  return {*this, std::move(key), std::move(slot)};
}

CallTable::Entry::~Entry() {
  slot_->gone = true;
  const std::lock_guard lock(table_->mutex_);
  const auto it = table_->calls_.find(key_);
  if (it != table_->calls_.end() && it->second == slot_) table_->calls_.erase(it);
}

void CallTable::cancel(std::string_view session, std::string_view request) {
  const std::string key = key_of(session, request);
  const std::lock_guard lock(mutex_);
  const auto it = calls_.find(key);
  if (it == calls_.end()) return;
  call_off(it->second);
  calls_.erase(it);
}

void CallTable::cancel_all(std::string_view session) {
  const std::string prefix = key_of(session, {});
  const std::lock_guard lock(mutex_);
  for (auto it = calls_.lower_bound(prefix); it != calls_.end() && it->first.starts_with(prefix);) {
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
