#include "policy/check.h"

#include <algorithm>
#include <map>

#include <fmt/core.h>

#include "base/glob.h"
#include "base/strings.h"
#include "net/address.h"
#include "policy/arguments.h"
#include "policy/match.h"
#include "policy/time_window.h"

namespace gw::policy {
namespace {

using Texts = std::vector<std::string>;

// RFC 6749 section 3.3: scopes are shown to clients in a header field.
bool is_scope(std::string_view text) {
  return !text.empty() &&
         std::ranges::all_of(text, [](char c) { return c > ' ' && c < '\x7F' && c != '"' && c != '\\'; });
}

class Checker {
 public:
  std::vector<schema::Problem> check(const Rules& rules) {
    if (rules.otherwise == Effect::require_scopes) add("default", "the default is allow or deny");
    for (std::size_t i = 0; i < rules.rules.size(); ++i) {
      const schema::Report::Inside list(report_, "rules");
      const schema::Report::Inside item(report_, i);
      check_name(rules.rules[i].name, i);
      check_scopes(rules.rules[i]);
      const schema::Report::Inside when(report_, "when");
      check_match(rules.rules[i].match);
    }
    return report_.take();
  }

 private:
  void add(std::string_view member, std::string message) {
    const schema::Report::Inside inside(report_, member);
    report_.add(schema::Mark{}, std::move(message));
  }
  // Calls `problem_of` for each item; what it returns is added at its place unless it is empty.
  template <class Item, class ProblemOf>
  void each(std::string_view member, const std::vector<Item>& items, ProblemOf problem_of) {
    const schema::Report::Inside inside(report_, member);
    for (std::size_t i = 0; i < items.size(); ++i) {
      const schema::Report::Inside item(report_, i);
      if (std::string problem = problem_of(items[i]); !problem.empty()) report_.add(schema::Mark{}, std::move(problem));
    }
  }

  void check_name(const std::string& name, std::size_t index) {
    if (name.empty()) return add("name", "the rule has no name; decisions and audit records name their rule");
    const auto [first, is_new] = names_.emplace(name, index);
    if (is_new) return;
    add("name", fmt::format("'{}' is already the name of rules[{}]", printable(name, 80), first->second));
  }

  void check_scopes(const Rule& rule) {
    if (rule.effect != Effect::require_scopes) {
      if (!rule.scopes.empty()) {
        add("scopes",
            "only rules with 'effect: require' need scopes; to apply a rule to callers who have a scope, write "
            "it under 'when'");
      }
    } else if (rule.scopes.empty()) {
      add("scopes", "a rule with 'effect: require' names the scopes that it requires");
    }
    each("scopes", rule.scopes, scope_problem);
  }

  static std::string scope_problem(const std::string& scope) {
    if (is_scope(scope)) return {};
    return fmt::format("'{}' is not a scope: printable ASCII without blanks, quotes and backslashes",
                       printable(scope, 80));
  }

  void check_match(const Match& when) {
    check_globs("users", when.users);
    check_names("roles", when.roles);
    check_names("groups", when.groups);
    each("scopes", when.scopes, scope_problem);
    check_globs("apiKeys", when.api_keys);
    each("networks", when.networks, [](const std::string& network) {
      const auto block = net::AddressBlock::parse(network);
      return block ? std::string() : block.error().message();
    });
    check_globs("adapters", when.adapters);
    check_items(when);
    check_annotations(when);
    for (std::size_t i = 0; i < when.arguments.size(); ++i) check_argument(when.arguments[i], i);
    for (std::size_t i = 0; i < when.times.size(); ++i) check_time(when.times[i], i);
  }

  void check_globs(std::string_view member, const Texts& globs) {
    each(member, globs, [](const std::string& glob) {
      return glob.empty() ? std::string("an empty pattern fits nothing; write * for any text") : std::string();
    });
  }

  void check_names(std::string_view member, const Texts& names) {
    each(member, names, [&](const std::string& name) {
      if (name.empty()) return std::string("an empty name fits nothing");
      if (name.find('*') == std::string::npos) return std::string();
      return fmt::format("{} are names, not patterns; leave '{}' out to mean everybody", member, member);
    });
  }

  void check_items(const Match& when) {
    const std::pair<std::string_view, const Texts*> kinds[] = {
        {"tools", &when.tools}, {"prompts", &when.prompts}, {"resources", &when.resources}};
    std::string_view first;
    for (const auto& [member, globs] : kinds) {
      check_globs(member, *globs);
      if (globs->empty()) continue;
      if (!first.empty()) {
        add(member, fmt::format("'{}' is given, too, and nothing is both; write a rule for each", first));
      } else {
        first = member;
      }
    }
    if (first.empty() || first == "tools") return;
    constexpr std::string_view message = "only tools have {}, and the rule is about {}";
    if (!when.annotations.empty()) add("annotations", fmt::format(message, "annotations", first));
    if (!when.arguments.empty()) add("arguments", fmt::format(message, "arguments that are looked at", first));
  }

  void check_annotations(const Match& when) {
    Texts known;
    for (const HintName& hint : hint_names) known.emplace_back(hint.name);
    const schema::Report::Inside inside(report_, "annotations");
    for (const auto& [name, value] : when.annotations) {
      if (std::ranges::find(known, name) != known.end()) continue;
      const auto meant = nearest(name, known);
      add(name, fmt::format("there is no hint '{}'; {}", printable(name, 80),
                            meant ? fmt::format("did you mean '{}'?", *meant)
                                  : "there are readOnlyHint, destructiveHint, idempotentHint and openWorldHint"));
    }
  }

  void check_argument(const ArgumentCondition& condition, std::size_t index) {
    const schema::Report::Inside list(report_, "arguments");
    const schema::Report::Inside item(report_, index);
    if (const auto pointer = parse_pointer(condition.pointer); !pointer) add("pointer", pointer.error().message());
    const int given = !condition.matches.empty() + !condition.equals.empty() + condition.present.has_value();
    if (given != 1) report_.add(schema::Mark{}, "give exactly one of 'matches', 'equals' and 'present'");
    // Unlike other patterns an empty one is of use here: for an empty text.
    each("equals", condition.equals, [](const std::string& text) {
      return is_scalar(text) ? std::string() : std::string("compare with a string, a number, true, false or null");
    });
  }

  void check_time(const TimeWindow& window, std::size_t index) {
    const schema::Report::Inside list(report_, "times");
    const schema::Report::Inside item(report_, index);
    each("days", window.days, [](const std::string& day) {
      if (parse_day(day)) return std::string();
      return fmt::format("'{}' is not a day; write mon, tue, wed, thu, fri, sat or sun", printable(day, 40));
    });
    const auto from = parse_time_of_day(window.from);
    if (!from || *from == 24 * 60) {
      add("from", fmt::format("'{}' is not a time between 00:00 and 23:59 (UTC)", printable(window.from, 40)));
    }
    if (!parse_time_of_day(window.to)) {
      add("to", fmt::format("'{}' is not a time between 00:00 and 24:00 (UTC)", printable(window.to, 40)));
    }
  }

  schema::Report report_;
  std::map<std::string, std::size_t> names_;
};

std::string unused_message(const std::string& rule, const std::string& glob, const Texts& adapters) {
  if (!is_literal_glob(glob)) {
    return fmt::format("policy rule '{}' names adapters '{}', and there is none that fits", printable(rule, 80),
                       printable(glob, 80));
  }
  const auto meant = nearest(glob, adapters);
  return fmt::format("policy rule '{}' names adapter '{}', which does not exist{}", printable(rule, 80),
                     printable(glob, 80), meant ? fmt::format("; did you mean '{}'?", *meant) : "");
}

}  // namespace

std::vector<schema::Problem> check(const Rules& rules) {
  return Checker().check(rules);
}

std::vector<schema::Problem> unused(const Rules& rules, const Texts& adapters) {
  std::vector<schema::Problem> problems;
  for (std::size_t i = 0; i < rules.rules.size(); ++i) {
    const Rule& rule = rules.rules[i];
    for (std::size_t j = 0; j < rule.match.adapters.size(); ++j) {
      const std::string& glob = rule.match.adapters[j];
      if (std::ranges::any_of(adapters, [&](const auto& name) { return glob_match(glob, name); })) continue;
      problems.push_back(
          {fmt::format("rules[{}].when.adapters[{}]", i, j), unused_message(rule.name, glob, adapters), {}});
    }
  }
  return problems;
}

}  // namespace gw::policy
