// Token buckets and concurrency caps, for all workers together.
//
// A request takes a token of every bucket that applies, and a place of every cap that applies; when a cap is full it
// waits. Who waits is served in turns: one principal after the other, so that one with a thousand requests delays
// another's single request by one place and no more.
//
// A bucket is one atomic number (the generic cell rate algorithm), found under a shared lock, so workers do not wait
// for each other; caps take a lock of their own for a few instructions. Nothing is touched when there is no rule.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/counter.h"
#include "base/error.h"
#include "identity/principal.h"
#include "limits/rules.h"
#include "runtime/loop.h"
#include "runtime/task.h"
#include "schema/report.h"

namespace gw::limits {

// What a request is about. Views are borrowed until acquire() returns its task's result.
struct Subject {
  const identity::Principal* who = nullptr;  // Never null.
  std::string_view adapter;                  // Empty for the REST API: only rules without adapters and tools apply.
  std::string_view tool;                     // Empty when it is no tool call.
};

// Why a request was not admitted: the rule that makes it wait longest.
struct Refused {
  std::string rule;
  Duration retry_after{};  // At least this long; whole seconds in Retry-After are rounded up.
  Error error;             // Errc::rate_limited: "limit 'x' allows 100 requests in 1m; try again in 2 s".
};

struct Counters {
  Counter refused;
  Counter queued;  // Had to wait, however that ended.
};

class Limiter;

// A place under every cap that applied. Gives them back when it ends, on any thread; it may outlive the Limiter.
class Permit {
 public:
  Permit() noexcept;
  ~Permit();
  Permit(Permit&&) noexcept;
  Permit& operator=(Permit&&) noexcept;

 private:
  friend class Limiter;
  struct Held;
  std::unique_ptr<Held> held_;  // Null when no cap applied.
};

// Thread-safe. One for the whole gateway; buckets that rest for long are forgotten, and their number is bounded: past
// 100,000 the fullest are dropped first.
class Limiter {
 public:
  Limiter();
  ~Limiter();

  // What is wrong with rules, with fields such as "limits[1].rate".
  static std::vector<schema::Problem> check(const Rules& rules);
  // Replaces the rules, which check() accepted. A rule keeps its buckets when name, `per`, rate and burst stay the
  // same, and its places and queues when name and `per` do; who waits under a rule that went is admitted.
  void apply(const Rules& rules);
  // There is no rule: acquire() need not be called.
  bool idle() const;
  // Whether a rule may concern tools of this adapter: then bodies have to be read.
  bool looks_at_tools(std::string_view adapter) const;

  // Takes a token everywhere or nowhere, then the places. Completes at once when no cap is full, or when nobody more
  // may wait, which gives the tokens back; who waits has spent them. Who waits for several caps does so for the
  // shortest of their time-outs. Destroying the task leaves the queue. `loop` belongs to the calling thread.
  // `long_lived` requests (event streams) take tokens but no places.
  Task<std::expected<Permit, Refused>> acquire(Loop& loop, Subject subject, bool long_lived, Counters& counters);

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace gw::limits
