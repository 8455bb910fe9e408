// Explanations as people and programs read them.
#pragma once

#include <string>
#include <string_view>

#include <boost/json/fwd.hpp>

#include "policy/policy.h"

namespace gw::policy {

std::string_view to_string(Effect effect);          // "allow", "deny", "require": as in the file.
std::string_view to_string(Answer answer);          // "allow", "deny", "need_scopes"
std::string_view to_string(Step::Outcome outcome);  // "applies", "may_apply", "does_not_apply"

// Whether facts that the question left open may change the decision. They can only take away what is allowed.
bool is_certain(const Explanation& explanation);

// The decision with the rule that made it, then a line for each rule; every line ends with a line feed.
//
//   denied by rule 'no-secrets'
//     deny    'interns-only-read' does not apply: role 'intern' is not among the caller's
//     deny    'no-secrets' applies: tool is 'read_file', argument /path fits
std::string explain_text(const Explanation& explanation);

// {"decision": "deny", "rule": "no-secrets", "scopes": [], "certain": true,
//  "rules": [{"rule": "no-secrets", "effect": "deny", "outcome": "applies", "because": "…"}]}
// `rule` is null when the default decided. Members are added to this form, never changed.
boost::json::object explain_json(const Explanation& explanation);

}  // namespace gw::policy
