#include "limits/check.h"

#include <algorithm>
#include <set>

#include <fmt/core.h>

#include "base/strings.h"
#include "limits/gcra.h"
#include "schema/units.h"

namespace gw::limits {
namespace {

using namespace std::chrono_literals;

constexpr std::uint64_t max_count = 1'000'000;
constexpr Duration max_period = 24h * 31;
constexpr Duration max_refill = 24h * 366;
constexpr std::uint32_t max_concurrency = 100'000;
constexpr std::uint32_t max_queue = 10'000;
constexpr Duration max_queue_timeout = 10min;
constexpr std::size_t max_name = 64;

// Finds what is wrong with one rule.
class RuleCheck {
 public:
  RuleCheck(const Rule& rule, std::size_t index, std::vector<schema::Problem>& problems)
      : rule_(rule), index_(index), problems_(problems) {}

  void run(std::set<std::string>& names) {
    check_name(names);
    check_per();
    if (!rule_.rate && rule_.concurrency == 0) problem("", "limits nothing; give it a rate or a concurrency");
    if (rule_.rate) check_rate(*rule_.rate);
    if (!rule_.rate && rule_.burst != 0) problem("burst", "means nothing without a rate; give one or remove burst");
    if (rule_.concurrency > max_concurrency) above("concurrency", max_concurrency);
    if (rule_.queue > max_queue) above("queue", max_queue);
    if (rule_.queue_timeout <= 0ns || rule_.queue_timeout > max_queue_timeout) {
      problem("queueTimeout",
              fmt::format("must be more than 0 and at most {}", schema::format_duration(max_queue_timeout)));
    }
  }

 private:
  void check_name(std::set<std::string>& names) {
    const auto& name = rule_.name;
    const bool plain = std::ranges::all_of(name, [](char c) { return c > ' ' && c < 0x7f && c != '\'' && c != '"'; });
    if (name.empty() || name.size() > max_name || !plain) {
      problem("name", fmt::format("'{}' is not a name; use 1 to {} letters, digits, '-', '_' and '.'",
                                  printable(name, 40), max_name));
    } else if (!names.insert(name).second) {
      problem("name", fmt::format("'{}' is the name of an earlier limit; use another", name));
    }
  }

  void check_per() {
    for (auto per = rule_.per.begin(); per != rule_.per.end(); ++per) {
      if (std::find(rule_.per.begin(), per, *per) != per) return problem("per", "names the same thing twice");
    }
  }

  void check_rate(const Rate& rate) {
    if (rate.count < 1 || rate.count > max_count) {
      return problem("rate", fmt::format("the count must be between 1 and {}", max_count));
    }
    if (rate.period < 1s || rate.period > max_period) {
      return problem("rate", fmt::format("the period must be between 1s and {}", schema::format_duration(max_period)));
    }
    if (rule_.burst > max_count) return above("burst", max_count);
    const auto interval = pace_of(rate, 1).interval;
    const auto burst = static_cast<std::int64_t>(rule_.burst);
    if (burst > max_refill / interval) {
      problem("burst", fmt::format("at this rate {} requests come back only after more than {}; use a smaller burst",
                                   burst, schema::format_duration(max_refill)));
    }
  }

  void above(std::string_view member, std::uint64_t most) { problem(member, fmt::format("must be at most {}", most)); }

  void problem(std::string_view member, std::string message) {
    std::string field = fmt::format("limits[{}]", index_);
    if (!member.empty()) field += fmt::format(".{}", member);
    problems_.push_back({std::move(field), std::move(message), {}});
  }

  const Rule& rule_;
  std::size_t index_;
  std::vector<schema::Problem>& problems_;
};

}  // namespace

std::vector<schema::Problem> check_rules(const Rules& rules) {
  std::vector<schema::Problem> problems;
  if (rules.size() > max_rules) {
    problems.push_back(
        {"limits", fmt::format("there are {} limits, and at most {} may be", rules.size(), max_rules), {}});
  }
  std::set<std::string> names;
  for (std::size_t i = 0; i < rules.size(); ++i) RuleCheck(rules[i], i, problems).run(names);
  return problems;
}

}  // namespace gw::limits
