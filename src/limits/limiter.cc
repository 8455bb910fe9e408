#include "limits/limiter.h"

#include <algorithm>
#include <atomic>
#include <mutex>
#include <optional>
#include <shared_mutex>

#include <fmt/core.h>

#include "limits/buckets.h"
#include "limits/caps.h"
#include "limits/check.h"
#include "limits/match.h"
#include "schema/units.h"

namespace gw::limits {
namespace {

// When a place becomes free is not known; a client that asks too early is refused again.
constexpr Duration retry_for_place = std::chrono::seconds(1);

// A rule that is in force. Ids tell what is counted for it from what was counted for rules before it.
struct Active {
  Rule rule;
  std::optional<Pace> pace;
  std::uint64_t bucket_id = 0;
  CapRulePtr cap;  // Null without `concurrency`.
  std::uint64_t cap_id = 0;
};
using Plan = std::vector<Active>;

bool same_buckets(const Rule& a, const Rule& b) {
  return a.name == b.name && a.per == b.per && a.rate == b.rate && a.burst == b.burst;
}
bool same_caps(const Rule& a, const Rule& b) {
  return a.name == b.name && a.per == b.per && a.concurrency != 0 && b.concurrency != 0;
}

// What one request needs.
struct Needs {
  std::vector<Charge> charges;
  std::vector<const Active*> charged;  // The rule of each charge.
  std::vector<Claim> claims;
  Duration longest_wait = Duration::max();
};

Needs needs_of(const Plan& plan, const Subject& subject, bool long_lived) {
  Needs needs;
  for (const Active& active : plan) {
    if (!applies(active.rule, subject)) continue;
    if (active.pace) {
      needs.charges.push_back({key_of(active.bucket_id, active.rule, subject), *active.pace});
      needs.charged.push_back(&active);
    }
    if (active.cap && !long_lived) {
      needs.claims.push_back({key_of(active.cap_id, active.rule, subject), active.cap});
      needs.longest_wait = std::min(needs.longest_wait, active.rule.queue_timeout);
    }
  }
  return needs;
}

std::string counted(std::uint64_t number, std::string_view what) {
  return fmt::format("{} {}{}", number, what, number == 1 ? "" : "s");
}

Refused too_fast(const Rule& rule, Duration wait) {
  return {rule.name, wait,
          Error(Errc::rate_limited,
                fmt::format("limit '{}' allows {} in {}; try again in {} s", rule.name,
                            counted(rule.rate->count, "request"), schema::format_duration(rule.rate->period),
                            std::chrono::ceil<std::chrono::seconds>(wait).count()))};
}

Refused no_place(const Full& full, Duration waited) {
  const std::string calls = counted(full.rule.concurrency, "call");
  std::string why =
      full.waited ? fmt::format("limit '{}' allows {} at once, and no place became free within {}; try again later",
                                full.rule.name, calls, schema::format_duration(waited))
                  : fmt::format("limit '{}' allows {} at once and {} to wait, and there are as many; try again in {} s",
                                full.rule.name, calls, full.rule.queue, retry_for_place / std::chrono::seconds(1));
  return {full.rule.name, retry_for_place, Error(Errc::rate_limited, std::move(why))};
}

}  // namespace

struct Permit::Held {
  Places places;
};

Permit::Permit() noexcept = default;
Permit::~Permit() = default;
Permit::Permit(Permit&&) noexcept = default;
Permit& Permit::operator=(Permit&&) noexcept = default;

struct Limiter::Impl {
  std::mutex applying;
  std::uint64_t last_id = 0;

  mutable std::shared_mutex mutex;  // Of `plan`, not of what it points to.
  std::shared_ptr<const Plan> plan = std::make_shared<const Plan>();
  std::atomic<bool> idle = true;

  Buckets buckets;
  std::shared_ptr<Caps> caps = std::make_shared<Caps>();

  std::shared_ptr<const Plan> current() const {
    const std::shared_lock lock(mutex);
    return plan;
  }

  Active activate(const Rule& rule, const Plan& before, std::vector<Caps::Change>& changes) {
    Active active{.rule = rule};
    if (rule.rate) {
      active.pace = pace_of(*rule.rate, rule.burst);
      const auto same = std::ranges::find_if(before, [&](const Active& old) { return same_buckets(old.rule, rule); });
      active.bucket_id = same == before.end() ? ++last_id : same->bucket_id;
    }
    if (rule.concurrency != 0) {
      const auto same = std::ranges::find_if(before, [&](const Active& old) { return same_caps(old.rule, rule); });
      const bool is_new = same == before.end();
      active.cap_id = is_new ? ++last_id : same->cap_id;
      active.cap = is_new ? std::make_shared<CapRule>(rule.name, rule.concurrency, rule.queue) : same->cap;
      changes.push_back({active.cap, rule.concurrency, rule.queue});
    }
    return active;
  }
};

Limiter::Limiter() : impl_(std::make_shared<Impl>()) {}
Limiter::~Limiter() = default;

std::vector<schema::Problem> Limiter::check(const Rules& rules) {
  return check_rules(rules);
}

void Limiter::apply(const Rules& rules) {
  const std::lock_guard applying(impl_->applying);
  const auto before = impl_->current();
  std::vector<Caps::Change> changes;
  Plan plan;
  for (const Rule& rule : rules) plan.push_back(impl_->activate(rule, *before, changes));
  for (const Active& old : *before) {
    const auto kept = [&](const Active& active) { return active.cap == old.cap; };
    if (old.cap && std::ranges::none_of(plan, kept)) changes.push_back({old.cap});
  }
  {
    const std::unique_lock lock(impl_->mutex);
    impl_->plan = std::make_shared<const Plan>(std::move(plan));
  }
  impl_->idle.store(rules.empty(), std::memory_order_relaxed);
  impl_->caps->change(changes);
}

bool Limiter::idle() const {
  return impl_->idle.load(std::memory_order_relaxed);
}

bool Limiter::looks_at_tools(std::string_view adapter) const {
  if (idle()) return false;
  const auto plan = impl_->current();
  return std::ranges::any_of(*plan, [&](const Active& active) { return depends_on_tool(active.rule, adapter); });
}

Task<std::expected<Permit, Refused>> Limiter::acquire(Loop& loop, Subject subject, bool long_lived,
                                                      Counters& counters) {
  if (idle()) co_return Permit();
  const auto impl = impl_;
  const auto refuse = [&counters](Refused refused) {
    counters.refused.add();
    return std::unexpected(std::move(refused));
  };

  const auto plan = impl->current();
  Needs needs = needs_of(*plan, subject, long_lived);
  if (const auto taken = impl->buckets.take(needs.charges, steady_now()); !taken) {
    co_return refuse(too_fast(needs.charged[taken.error().which]->rule, taken.error().wait));
  }
  if (needs.claims.empty()) co_return Permit();

  Permit permit;
  permit.held_ = std::make_unique<Permit::Held>(Places(impl->caps, std::move(needs.claims), subject.who->user, loop));
  Places& places = permit.held_->places;
  if (places.state() == Places::State::refused) {
    impl->buckets.give_back(needs.charges);
    co_return refuse(no_place(places.why(), {}));
  }
  if (places.state() == Places::State::waiting) {
    counters.queued.add();
    Timer timer(loop, [&places] { places.called().set(); });
    timer.arm(steady_now() + needs.longest_wait);
    co_await places.called();
    places.stop_waiting();
    if (places.state() == Places::State::refused) co_return refuse(no_place(places.why(), needs.longest_wait));
  }
  co_return permit;
}

}  // namespace gw::limits
