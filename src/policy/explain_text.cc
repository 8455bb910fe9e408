#include "policy/explain_text.h"

#include <algorithm>

#include <fmt/core.h>
#include <boost/json.hpp>

#include "base/strings.h"

namespace gw::policy {
namespace {

std::string decision_text(const Decision& decision) {
  const auto rule = printable(decision.rule, 80);
  switch (decision.answer) {
    case Answer::allow:
      return rule.empty() ? "allowed: no rule decides, and the default allows"
                          : fmt::format("allowed by rule '{}'", rule);
    case Answer::deny:
      return rule.empty() ? "denied: no rule allows it, and the default denies"
                          : fmt::format("denied by rule '{}'", rule);
    case Answer::need_scopes: break;
  }
  std::string scopes;
  for (const auto& scope : decision.scopes) scopes += (scopes.empty() ? "'" : ", '") + scope + "'";
  return fmt::format("scopes are missing by rule '{}'; needed are {}", rule, scopes);
}

std::string_view outcome_text(Step::Outcome outcome) {
  switch (outcome) {
    case Step::Outcome::applies: return "applies";
    case Step::Outcome::may_apply: return "may apply";
    case Step::Outcome::does_not_apply: break;
  }
  return "does not apply";
}

}  // namespace

std::string_view to_string(Effect effect) {
  switch (effect) {
    case Effect::allow: return "allow";
    case Effect::deny: return "deny";
    case Effect::require_scopes: break;
  }
  return "require";
}

std::string_view to_string(Answer answer) {
  switch (answer) {
    case Answer::allow: return "allow";
    case Answer::deny: return "deny";
    case Answer::need_scopes: break;
  }
  return "need_scopes";
}

std::string_view to_string(Step::Outcome outcome) {
  switch (outcome) {
    case Step::Outcome::applies: return "applies";
    case Step::Outcome::may_apply: return "may_apply";
    case Step::Outcome::does_not_apply: break;
  }
  return "does_not_apply";
}

bool is_certain(const Explanation& explanation) {
  if (!explanation.decision.allowed()) return true;
  return std::ranges::none_of(explanation.steps, [&](const Step& step) {
    const bool matters = step.effect != Effect::allow || step.rule == explanation.decision.rule;
    return matters && step.outcome == Step::Outcome::may_apply;
  });
}

std::string explain_text(const Explanation& explanation) {
  std::string text = decision_text(explanation.decision);
  text += is_certain(explanation) ? "\n" : ", unless what is not known changes that\n";
  for (const Step& step : explanation.steps) {
    text += fmt::format("  {:7} '{}' {}: {}\n", to_string(step.effect), printable(step.rule, 80),
                        outcome_text(step.outcome), step.because);
  }
  return text;
}

boost::json::object explain_json(const Explanation& explanation) {
  const Decision& decision = explanation.decision;
  boost::json::object json{{"decision", to_string(decision.answer)}, {"rule", nullptr}};
  if (!decision.rule.empty()) json["rule"] = decision.rule;
  json["scopes"] = boost::json::array(decision.scopes.begin(), decision.scopes.end());
  json["certain"] = is_certain(explanation);
  boost::json::array rules;
  for (const Step& step : explanation.steps) {
    rules.push_back({{"rule", step.rule},
                     {"effect", to_string(step.effect)},
                     {"outcome", to_string(step.outcome)},
                     {"because", step.because}});
  }
  json["rules"] = std::move(rules);
  return json;
}

}  // namespace gw::policy
