#include "limits/caps.h"

#include <utility>

#include "base/check.h"

namespace gw::limits {

// Lives as long as its Places or a call that is on its way to the loop.
struct Places::Turn : ListNode, std::enable_shared_from_this<Turn> {
  Turn(std::string who, Loop& its_loop) : user(std::move(who)), loop(its_loop) {}

  const std::string user;
  Loop& loop;
  Event called;  // On the loop's thread only.

  // Under the lock of Caps.
  State state = State::waiting;
  std::vector<Caps::Cap*> caps;
  Caps::Cap* waits_at = nullptr;
  Full full;
};

// Turns go round the principals who wait, and first come first served within each.
struct Caps::Cap {
  explicit Cap(CapRulePtr r) : rule(std::move(r)) {}

  struct Lane : ListNode {
    IntrusiveList<Turn> turns;
  };

  CapRulePtr rule;
  std::string key;
  std::uint32_t uses = 0;  // Turns that hold a place here or wait somewhere for one here.
  std::uint32_t held = 0;
  std::uint32_t waiting = 0;
  std::map<std::string, Lane, std::less<>> lanes;  // By principal; none is empty.
  IntrusiveList<Lane> rotation;
  std::string served_last;

  bool full() const { return held >= rule->concurrency; }
  bool queue_full() const { return waiting >= rule->queue; }

  void push(Turn& turn) {
    Lane& lane = lanes[turn.user];
    if (lane.turns.empty()) rotation.push_back(lane);
    lane.turns.push_back(turn);
    turn.waits_at = this;
    ++waiting;
  }

  void remove(Turn& turn) {
    turn.unlink();
    turn.waits_at = nullptr;
    --waiting;
    if (const auto lane = lanes.find(turn.user); lane->second.turns.empty()) lanes.erase(lane);
  }

  Turn& pop() {
    Lane* lane = &rotation.front();
    // Whoever was served last waits until another was: also when he was alone until now.
    if (lane->turns.front().user == served_last) rotation.push_back(*lane);
    lane = &rotation.front();
    rotation.push_back(*lane);
    Turn& turn = lane->turns.front();
    remove(turn);
    return turn;
  }
};

Places::Places(std::shared_ptr<Caps> caps, std::vector<Claim> claims, std::string user, Loop& loop)
    : caps_(std::move(caps)), turn_(std::make_shared<Turn>(std::move(user), loop)) {
  caps_->enter(*turn_, std::move(claims));
}

Places::~Places() {
  if (turn_) caps_->leave(*turn_);
}

Places& Places::operator=(Places&& other) noexcept {
  if (this != &other) {
    if (turn_) caps_->leave(*turn_);
    caps_ = std::move(other.caps_);
    turn_ = std::move(other.turn_);
  }
  return *this;
}

Places::State Places::state() const {
  const std::lock_guard lock(caps_->mutex_);
  return turn_->state;
}

Event& Places::called() const {
  return turn_->called;
}

void Places::stop_waiting() {
  const std::lock_guard lock(caps_->mutex_);
  if (turn_->state != State::waiting) return;
  Caps::Cap& cap = *turn_->waits_at;
  cap.remove(*turn_);
  caps_->refuse(*turn_, cap, true);
}

Full Places::why() const {
  const std::lock_guard lock(caps_->mutex_);
  return turn_->full;
}

Caps::Caps() = default;
Caps::~Caps() = default;

std::size_t Caps::size() const {
  const std::lock_guard lock(mutex_);
  return caps_.size();
}

void Caps::enter(Turn& turn, std::vector<Claim> claims) {
  const std::lock_guard lock(mutex_);
  for (Claim& claim : claims) {
    const auto [cap, is_new] = caps_.try_emplace(claim.key, std::move(claim.rule));
    if (is_new) cap->second.key = std::move(claim.key);
    ++cap->second.uses;
    turn.caps.push_back(&cap->second);
  }
  seat(turn);
}

void Caps::leave(Turn& turn) {
  const std::lock_guard lock(mutex_);
  if (turn.state == Places::State::waiting) turn.waits_at->remove(turn);
  if (turn.state == Places::State::held) {
    for (Cap* cap : turn.caps) --cap->held;
    for (Cap* cap : turn.caps) serve(*cap);
  }
  forget(turn);
}

void Caps::change(std::span<const Change> changes) {
  const std::lock_guard lock(mutex_);
  for (const auto& [rule, concurrency, queue] : changes) {
    rule->concurrency = concurrency;
    rule->queue = queue;
  }
  std::vector<Cap*> all;
  for (auto& [key, cap] : caps_) {
    ++cap.uses;  // Serving others may end the last use of it.
    all.push_back(&cap);
  }
  for (Cap* cap : all) serve(*cap);
  for (Cap* cap : all) {
    if (--cap->uses == 0) caps_.erase(caps_.find(cap->key));
  }
}

Caps::Cap* Caps::first_full(const Turn& turn) {
  for (Cap* cap : turn.caps) {
    if (cap->full()) return cap;
  }
  return nullptr;
}

// The places, or a place in the queue of the first cap that is full, or none there either.
void Caps::seat(Turn& turn) {
  Cap* const full = first_full(turn);
  if (full == nullptr) {
    take(turn);
  } else if (full->queue_full()) {
    refuse(turn, *full, false);
  } else {
    full->push(turn);
  }
}

void Caps::take(Turn& turn) {
  turn.state = Places::State::held;
  for (Cap* cap : turn.caps) {
    ++cap->held;
    cap->served_last = turn.user;
  }
}

void Caps::refuse(Turn& turn, const Cap& cap, bool waited) {
  turn.state = Places::State::refused;
  turn.full = {*cap.rule, waited};
  forget(turn);
}

void Caps::forget(Turn& turn) {
  for (Cap* cap : std::exchange(turn.caps, {})) {
    if (--cap->uses == 0) caps_.erase(caps_.find(cap->key));
  }
}

// The caller holds a use of the cap.
void Caps::serve(Cap& cap) {
  while (!cap.full() && cap.waiting > 0) {
    Turn& turn = cap.pop();
    seat(turn);
    if (turn.state == Places::State::waiting) continue;
    // Under the lock: the task, and hence its loop, is there as long as the turn has not left. When the task is
    // destroyed before the call arrives, its Places give the place on.
    turn.loop.post([called = turn.shared_from_this()] { called->called.set(); });
  }
}

}  // namespace gw::limits
