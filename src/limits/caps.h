// Concurrency caps and the queues of those who wait for a place.
//
// Nobody holds a place while waiting for another: places under all caps of a request are taken at once. So a request
// waits at one full cap at a time. When its turn comes and another of its caps is full, it moves to the end of that
// queue. Hence a cap with a free place has no queue, and a newcomer who finds room overtakes nobody.
//
// One lock for all, held for a few instructions: rules that say nothing of concurrency never take it.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <vector>

#include "runtime/event.h"
#include "runtime/intrusive_list.h"
#include "runtime/loop.h"

namespace gw::limits {

class Caps;

// The numbers of one rule, shared by all of its caps. They change under the lock of Caps.
struct CapRule {
  std::string name;
  std::uint32_t concurrency = 0;
  std::uint32_t queue = 0;
};
using CapRulePtr = std::shared_ptr<CapRule>;

// One place that a request needs.
struct Claim {
  std::string key;  // Of the cap. One request has no two claims with the same key.
  CapRulePtr rule;
};

// Why a request got no place: the numbers of the rule at that time.
struct Full {
  CapRule rule;
  bool waited = false;  // Its time was up; else nobody more may wait.
};

// One request's places, or its wait for them. Destroying it leaves the queue or gives the places back, on any thread
// that the task may be destroyed on.
class Places {
 public:
  enum class State { waiting, held, refused };

  Places() = default;
  // Takes the places, or a place in a queue, or is refused. `loop` belongs to the calling thread.
  Places(std::shared_ptr<Caps> caps, std::vector<Claim> claims, std::string user, Loop& loop);
  ~Places();
  Places(Places&&) noexcept = default;
  Places& operator=(Places&&) noexcept;

  State state() const;
  // Set on the loop when the wait has ended, one way or the other.
  Event& called() const;
  // Ends the wait, unless a place was given meanwhile.
  void stop_waiting();
  // Of refused.
  Full why() const;

 private:
  friend class Caps;
  struct Turn;
  std::shared_ptr<Caps> caps_;
  std::shared_ptr<Turn> turn_;
};

// Thread-safe.
class Caps {
 public:
  Caps();
  ~Caps();

  // Other numbers for rules, and whoever may go on goes on. `unlimited` for rules that are no more.
  static constexpr std::uint32_t unlimited = UINT32_MAX;
  struct Change {
    CapRulePtr rule;
    std::uint32_t concurrency = unlimited;
    std::uint32_t queue = unlimited;
  };
  void change(std::span<const Change> changes);

  // Caps that somebody uses; others take no memory.
  std::size_t size() const;

 private:
  friend class Places;
  struct Cap;
  using Turn = Places::Turn;

  void enter(Turn& turn, std::vector<Claim> claims);
  void leave(Turn& turn);
  static Cap* first_full(const Turn& turn);
  void seat(Turn& turn);
  void take(Turn& turn);
  void refuse(Turn& turn, const Cap& cap, bool waited);
  void forget(Turn& turn);
  void serve(Cap& cap);

  mutable std::mutex mutex_;
  std::map<std::string, Cap, std::less<>> caps_;
};

}  // namespace gw::limits
