#include "peer/flights.h"

#include <algorithm>
#include <mutex>
#include <unordered_map>
#include <vector>

#include "peer/wake.h"

namespace gw::peer {

struct Flights::State {
  std::mutex mutex;
  std::unordered_map<std::string, std::vector<std::shared_ptr<Waiter>>> flying;
};

Flights::Flights() : state_(std::make_shared<State>()) {}

Flights::Turn::~Turn() {
  if (state_ == nullptr) return;
  const std::lock_guard lock(state_->mutex);
  const auto it = state_->flying.find(key_);
  for (const auto& waiter : it->second) wake(waiter, error_);
  state_->flying.erase(it);
}

Task<Result<std::optional<Flights::Turn>>> Flights::take_turn(std::string key) {
  struct Waiting {
    State& state;
    const std::string& key;
    std::shared_ptr<Waiter> waiter;
    ~Waiting() {
      if (waiter == nullptr) return;
      const std::lock_guard lock(state.mutex);
      if (const auto it = state.flying.find(key); it != state.flying.end()) std::erase(it->second, waiter);
    }
  } waiting{*state_, key, nullptr};
  bool mine = false;
  {
    const std::lock_guard lock(state_->mutex);
    const auto [it, first] = state_->flying.try_emplace(key);
    mine = first;
    if (!first) {
      waiting.waiter = std::make_shared<Waiter>(*Loop::current());
      it->second.push_back(waiting.waiter);
    }
  }
  if (mine) co_return Turn(state_, std::move(key));
  co_await waiting.waiter->woken;
  if (waiting.waiter->error) co_return std::unexpected(*waiting.waiter->error);
  co_return std::nullopt;
}

}  // namespace gw::peer
