// Policy rules as they are written in the configuration file. policy/policy.h decides by them.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace gw::policy {

enum class Effect {
  allow,
  deny,
  require_scopes,  // Whoever matches must have the scopes of the rule; written `require`.
};

// One argument of a tool call. Exactly one of the three is given.
struct ArgumentCondition {
  std::string pointer;  // RFC 6901, into `arguments`: "/path". Always given.
  // Globs for its text; numbers and booleans as JSON writes them in their shortest form. Null, lists and objects have
  // no text.
  std::vector<std::string> matches;
  std::vector<std::string> equals;  // JSON texts of strings, numbers, booleans or null; numbers by value.
  std::optional<bool> present;

  bool operator==(const ArgumentCondition&) const = default;
};

// Part of a week, in UTC. From `from` to before `to`; past midnight when `to` is not after `from`.
struct TimeWindow {
  std::vector<std::string> days;  // "mon" … "sun"; empty: every day. The day on which the window begins.
  std::string from = "00:00";
  std::string to = "24:00";

  bool operator==(const TimeWindow&) const = default;
};

// A rule applies when every list that is given has an element that fits. Globs: `*` any text, `?` one character.
struct Match {
  // Who.
  std::vector<std::string> users;  // Globs on Principal::user.
  std::vector<std::string> roles;  // Without regard to case.
  std::vector<std::string> groups;
  std::vector<std::string> scopes;    // Who has one of these.
  std::vector<std::string> api_keys;  // Globs on the key's id.
  std::vector<std::string> networks;  // Address blocks: where the client is.
  // What.
  std::vector<std::string> adapters;   // Globs.
  std::vector<std::string> tools;      // Globs on the name that the server gave it.
  std::vector<std::string> prompts;    // Globs.
  std::vector<std::string> resources;  // Globs on the URI.
  // Of tools: "readOnlyHint", "destructiveHint", "idempotentHint", "openWorldHint". Every one given must agree. A hint
  // that the server does not give has the protocol's default (false, true, false, true).
  std::map<std::string, bool> annotations;
  std::vector<ArgumentCondition> arguments;  // Every one given must hold.
  // When.
  std::vector<TimeWindow> times;

  bool operator==(const Match&) const = default;
};

struct Rule {
  std::string name;  // Unique; shown in explanations and audit records.
  Effect effect = Effect::deny;
  Match match;
  std::vector<std::string> scopes;  // Of `require`: what is needed, all of them.

  bool operator==(const Rule&) const = default;
};

struct Rules {
  Effect otherwise = Effect::allow;  // allow or deny: when no allow or deny rule applies. Written `default`.
  std::vector<Rule> rules;

  bool operator==(const Rules&) const = default;
};

}  // namespace gw::policy
