#include "policy/policy.h"

#include <algorithm>
#include <map>
#include <set>

#include <fmt/core.h>

#include "base/glob.h"
#include "policy/check.h"
#include "policy/match.h"

namespace gw::policy {

struct Policy::Compiled {
  using Places = std::vector<std::uint32_t>;

  explicit Compiled(const Rules& written);

  // Calls `visit` for the rules that may concern the adapter, in the order of the file, until it says false.
  template <class Visit>
  void visit(std::string_view adapter, Visit visit) const;
  template <class Property>
  bool any(std::string_view adapter, Property property) const;

  Decision decide(const Question& question) const;
  std::vector<std::string> needed_scopes(const Question& question) const;

  Effect otherwise = Effect::allow;
  std::vector<CompiledRule> rules;
  // Rules that name their adapters are found by name, all others are asked each time.
  std::map<std::string, Places, std::less<>> of_adapter;
  Places of_any;
};

namespace {

bool has_all(const identity::Principal& who, const std::vector<std::string>& scopes) {
  return std::ranges::all_of(scopes, [&](const std::string& scope) { return who.has_scope(scope); });
}

}  // namespace

Policy::Compiled::Compiled(const Rules& written) : otherwise(written.otherwise) {
  rules.reserve(written.rules.size());
  for (const Rule& rule : written.rules) {
    const auto place = static_cast<std::uint32_t>(rules.size());
    rules.emplace_back(rule);
    const auto& adapters = rule.match.adapters;
    if (adapters.empty() || !std::ranges::all_of(adapters, is_literal_glob)) {
      of_any.push_back(place);
      continue;
    }
    for (const auto& name : std::set(adapters.begin(), adapters.end())) of_adapter[name].push_back(place);
  }
}

template <class Visit>
void Policy::Compiled::visit(std::string_view adapter, Visit visit) const {
  if (adapter.empty()) {
    std::ranges::all_of(rules, visit);
    return;
  }
  const auto named = of_adapter.find(adapter);
  auto mine = named == of_adapter.end() ? of_any.end() : named->second.begin();
  const auto mine_end = named == of_adapter.end() ? of_any.end() : named->second.end();
  auto other = of_any.begin();
  while (mine != mine_end || other != of_any.end()) {
    const bool take_mine = other == of_any.end() || (mine != mine_end && *mine < *other);
    if (!visit(rules[take_mine ? *mine++ : *other++])) return;
  }
}

template <class Property>
bool Policy::Compiled::any(std::string_view adapter, Property property) const {
  bool found = false;
  visit(adapter, [&](const CompiledRule& rule) {
    found = property(rule) && fits_adapter(rule, adapter) != Truth::no;
    return !found;
  });
  return found;
}

Decision Policy::Compiled::decide(const Question& question) const {
  const CompiledRule* denies = nullptr;
  const CompiledRule* allows = nullptr;
  const CompiledRule* lacks = nullptr;
  visit(question.adapter, [&](const CompiledRule& rule) {
    switch (rule.rule.effect) {
      case Effect::deny:
        if (match(rule, question) == Truth::yes) denies = &rule;
        break;
      case Effect::allow:
        if (!allows && match(rule, question) != Truth::no) allows = &rule;
        break;
      case Effect::require_scopes:
        if (!lacks && !has_all(*question.who, rule.rule.scopes) && match(rule, question) == Truth::yes) lacks = &rule;
        break;
    }
    return denies == nullptr;
  });
  if (denies) return {Answer::deny, denies->rule.name, {}};
  if (!allows && otherwise == Effect::deny) return {Answer::deny, {}, {}};
  if (lacks) return {Answer::need_scopes, lacks->rule.name, needed_scopes(question)};
  return {Answer::allow, allows ? std::string_view(allows->rule.name) : std::string_view(), {}};
}

std::vector<std::string> Policy::Compiled::needed_scopes(const Question& question) const {
  std::vector<std::string> scopes;
  visit(question.adapter, [&](const CompiledRule& rule) {
    if (rule.rule.effect != Effect::require_scopes || match(rule, question) != Truth::yes) return true;
    for (const auto& scope : rule.rule.scopes) {
      if (std::ranges::find(scopes, scope) == scopes.end()) scopes.push_back(scope);
    }
    return true;
  });
  return scopes;
}

namespace {

Step step_of(const CompiledRule& rule, const Question& question) {
  Step step{.rule = rule.rule.name, .effect = rule.rule.effect, .outcome = {}, .because = {}};
  switch (match(rule, question, &step.because)) {
    case Truth::no: step.outcome = Step::Outcome::does_not_apply; break;
    case Truth::open: step.outcome = Step::Outcome::may_apply; break;
    case Truth::yes: step.outcome = Step::Outcome::applies; break;
  }
  if (step.outcome == Step::Outcome::does_not_apply) return step;
  for (const std::string& scope : rule.rule.scopes) {
    step.because += fmt::format(", scope '{}' is {}", scope, question.who->has_scope(scope) ? "there" : "missing");
  }
  return step;
}

}  // namespace

Policy::Policy() : compiled_(std::make_shared<const Compiled>(Rules{})) {}
Policy::~Policy() = default;
Policy::Policy(const Policy&) = default;
Policy& Policy::operator=(const Policy&) = default;

std::expected<Policy, std::vector<schema::Problem>> Policy::compile(const Rules& rules) {
  if (auto problems = check(rules); !problems.empty()) return std::unexpected(std::move(problems));
  Policy policy;
  policy.compiled_ = std::make_shared<const Compiled>(rules);
  return policy;
}

Decision Policy::decide(const Question& question) const {
  return compiled_->decide(question);
}

Explanation Policy::explain(const Question& question) const {
  Explanation explanation{decide(question), {}};
  for (const CompiledRule& rule : compiled_->rules) explanation.steps.push_back(step_of(rule, question));
  return explanation;
}

bool Policy::empty() const {
  return compiled_->rules.empty() && compiled_->otherwise == Effect::allow;
}

bool Policy::looks_at_items(std::string_view adapter) const {
  return compiled_->any(adapter, [](const CompiledRule& rule) { return rule.looks_at_items(); });
}

bool Policy::looks_at_hints(std::string_view adapter) const {
  return compiled_->any(adapter, [](const CompiledRule& rule) { return rule.looks_at_hints(); });
}

}  // namespace gw::policy
