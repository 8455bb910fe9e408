// A policy as YAML, a line "---", and the arguments of a call: refused with problems, or decided as it is explained.
#include <algorithm>
#include <cstdint>

#include "base/check.h"
#include "config/policy_tables.h"
#include "config/yaml.h"
#include "policy/check.h"
#include "policy/explain_text.h"

namespace {

using namespace gw;
using policy::Answer;
using policy::Effect;
using policy::Explanation;
using policy::ItemKind;
using policy::Step;

bool some(const Explanation& explanation, Effect effect, bool also_open = false) {
  return std::ranges::any_of(explanation.steps, [&](const Step& step) {
    return step.effect == effect &&
           (step.outcome == Step::Outcome::applies || (also_open && step.outcome == Step::Outcome::may_apply));
  });
}

// What the steps say is what was decided.
void check_agreement(const policy::Policy& policy, const policy::Rules& rules, const policy::Question& question) {
  const auto decision = policy.decide(question);
  const auto explanation = policy.explain(question);
  GW_CHECK(explanation.decision.answer == decision.answer && explanation.decision.rule == decision.rule);
  GW_CHECK(explanation.steps.size() == rules.rules.size());
  const bool allowed = some(explanation, Effect::allow, true) || rules.otherwise == Effect::allow;
  const bool denied = some(explanation, Effect::deny) || !allowed;
  GW_CHECK(denied == (decision.answer == Answer::deny));
  if (decision.answer == Answer::need_scopes) {
    GW_CHECK(some(explanation, Effect::require_scopes) && !decision.scopes.empty());
    GW_CHECK(!std::ranges::all_of(decision.scopes, [&](const auto& s) { return question.who->has_scope(s); }));
  }
  for (const Step& step : explanation.steps) GW_CHECK(!step.because.empty());
  GW_CHECK(policy::explain_text(explanation).ends_with('\n'));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto end = std::min(text.find("\n---\n"), text.size());
  const auto root = config::parse_yaml(text.substr(0, end));
  if (!root) return 0;
  policy::Rules rules;
  schema::Report report;
  config::policy_object().table().read(**root, &rules, report);
  if (!report.ok()) return 0;
  const auto policy = policy::Policy::compile(rules);
  if (!policy) {
    GW_CHECK(!policy.error().empty());
    return 0;
  }
  policy::unused(rules, {"files", "git"});
  const identity::Principal who{.user = "alice", .api_key = "k", .roles = {"a"}, .groups = {"g"}, .scopes = {"s"}};
  policy::Question question{.who = &who, .adapter = "files"};
  check_agreement(*policy, rules, question);
  for (const ItemKind kind : {ItemKind::tool, ItemKind::prompt, ItemKind::resource}) {
    question.kind = kind;
    question.item = "write_file";
    check_agreement(*policy, rules, question);
  }
  question.kind = ItemKind::tool;
  question.hints = policy::Hints{};
  question.arguments = text.substr(std::min(end + 5, text.size()));
  question.network = "10.0.0.1";
  check_agreement(*policy, rules, question);
  question.adapter = {};
  check_agreement(*policy, rules, question);
  return 0;
}
