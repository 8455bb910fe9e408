#include "config/policy_tables.h"

namespace gw::config {
namespace {

using policy::ArgumentCondition;
using policy::Effect;
using policy::Match;
using policy::Rule;
using policy::Rules;
using policy::TimeWindow;
using schema::boolean;
using schema::choice;
using schema::filled;
using schema::list;
using schema::map;
using schema::Object;
using schema::optional;
using schema::scalar;
using schema::text;
using schema::texts;

Object<ArgumentCondition> argument_object() {
  using C = ArgumentCondition;
  Object<C> argument;
  argument
      .field("pointer", &C::pointer, text(),
             "Where in the arguments: a JSON pointer (RFC 6901) such as `/path` or `/filter/owner`.",
             {.required = true})
      .field("matches", &C::matches, filled(texts()),
             "Patterns for a string, a number, or true and false; one must fit. Null, lists and objects never fit.",
             {.default_text = "none"})
      .field("equals", &C::equals, filled(list(scalar())), "Values, one of which it must be. 1 and 1.0 are the same.",
             {.default_text = "none"})
      .field("present", &C::present, optional(boolean()), "Whether it is there at all.");
  return argument;
}

Object<TimeWindow> time_object() {
  Object<TimeWindow> time;
  time.field("days", &TimeWindow::days, filled(texts()),
             "The days on which it begins: `mon`, `tue`, `wed`, `thu`, `fri`, `sat`, `sun`.",
             {.default_text = "every day"})
      .field("from", &TimeWindow::from, text(), "When it begins, as `09:30` in UTC.")
      .field("to", &TimeWindow::to, text(),
             "When it is over, up to `24:00`; on the next day when that is not after `from`.");
  return time;
}

Object<Match> match_object() {
  const auto patterns = filled(texts());
  const schema::FieldOptions any{.default_text = "any"};
  Object<Match> match;
  match.field("users", &Match::users, patterns, "Patterns for the ids of users.", any)
      .field("roles", &Match::roles, patterns, "Roles, one of which the caller has. Upper and lower case are the same.",
             any)
      .field("groups", &Match::groups, patterns, "Groups, one of which the caller is in.", any)
      .field("scopes", &Match::scopes, patterns, "Scopes, one of which the caller has.", any)
      .field("apiKeys", &Match::api_keys, patterns,
             "Patterns for the id of the caller's API key. A key of `auth.keys` has its name as its id.", any)
      .field("networks", &Match::networks, patterns, "Address blocks, such as `10.0.0.0/8`, where the client is.", any)
      .field("adapters", &Match::adapters, patterns, "Patterns for the names of servers.", any)
      .field("tools", &Match::tools, patterns,
             "Patterns for the names of tools, as their server calls them. One rule is about tools, prompts or "
             "resources.",
             any)
      .field("prompts", &Match::prompts, patterns, "Patterns for the names of prompts.", any)
      .field("resources", &Match::resources, patterns, "Patterns for the URIs of resources.", any)
      .field("annotations", &Match::annotations, filled(map("hint", boolean())),
             "What the server says about the tool: `readOnlyHint`, `destructiveHint`, `idempotentHint`, "
             "`openWorldHint`. All must agree; a server that says nothing is taken to say false, true, false, true.",
             any)
      .field("arguments", &Match::arguments, filled(list(argument_object().type())),
             "What the arguments of a tool call hold; all must fit. Arguments that can be read in two ways (a member "
             "that is there twice, or in other letters) fit every deny rule and no allow rule.",
             any)
      .field("times", &Match::times, filled(list(time_object().type())), "Parts of the week, in UTC.", any);
  return match;
}

Object<Rule> rule_object() {
  Object<Rule> rule;
  rule.field("name", &Rule::name, text(), "Names the rule in explanations and audit records.", {.required = true})
      .field("effect", &Rule::effect,
             choice<Effect>({{"allow", Effect::allow}, {"deny", Effect::deny}, {"require", Effect::require_scopes}}),
             "`deny` wins over everything. `require` asks for the scopes of the rule.", {.required = true})
      .field("scopes", &Rule::scopes, filled(texts()), "What `require` requires, all of them.",
             {.default_text = "none"})
      .field("when", &Rule::match, match_object().type(),
             "To whom and what the rule applies: every list that is given has an element that fits. In patterns `*` "
             "stands for any text and `?` for one character.",
             {.default_text = "always"});
  return rule;
}

}  // namespace

Object<Rules> policy_object() {
  Object<Rules> policy;
  policy
      .field("default", &Rules::otherwise, choice<Effect>({{"allow", Effect::allow}, {"deny", Effect::deny}}),
             "What is done when no allow and no deny rule applies.")
      .field("rules", &Rules::rules, list(rule_object().type()), "In any order.");
  return policy;
}

}  // namespace gw::config
