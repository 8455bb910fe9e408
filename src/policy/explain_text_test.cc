#include "policy/explain_text.h"

#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "json/json.h"

namespace gw::policy {
namespace {

Policy policy_of(Effect otherwise = Effect::allow) {
  return Policy::compile({.otherwise = otherwise,
                          .rules = {{.name = "interns-only-read",
                                     .effect = Effect::deny,
                                     .match = {.roles = {"intern"}, .annotations = {{"readOnlyHint", false}}}},
                                    {.name = "no-secrets",
                                     .effect = Effect::deny,
                                     .match = {.tools = {"read_*", "write_*"},
                                               .arguments = {{.pointer = "/path", .matches = {"/etc/*"}}}}},
                                    {.name = "writing-needs-a-scope",
                                     .effect = Effect::require_scopes,
                                     .match = {.adapters = {"files"}, .tools = {"write_*"}},
                                     .scopes = {"files.write", "files.read"}}}})
      .value();
}

TEST(ExplainText, SaysWhatDecidedAndWhyEachRuleDidOrDidNot) {
  const identity::Principal who{.user = "alice", .scopes = {"files.read"}};
  const Policy policy = policy_of();
  Question q{.who = &who, .adapter = "files", .kind = ItemKind::tool, .item = "write_file"};
  q.arguments = R"({"path":"/etc/passwd-of-bob"})";
  EXPECT_EQ(explain_text(policy.explain(q)),
            "denied by rule 'no-secrets'\n"
            "  deny    'interns-only-read' does not apply: role 'intern' is not among the caller's\n"
            "  deny    'no-secrets' applies: tool 'write_file' fits 'write_*', argument /path fits\n"
            "  require 'writing-needs-a-scope' applies: adapter is 'files', tool 'write_file' fits 'write_*', scope "
            "'files.write' is missing, scope 'files.read' is there\n");
  q.arguments = "{}";
  EXPECT_EQ(explain_text(policy.explain(q)).substr(0, 91),
            "scopes are missing by rule 'writing-needs-a-scope'; needed are 'files.write', 'files.read'\n");
  q.item = "read_file";
  q.arguments.reset();
  EXPECT_EQ(explain_text(policy.explain(q)),
            "allowed: no rule decides, and the default allows, unless what is not known changes that\n"
            "  deny    'interns-only-read' does not apply: role 'intern' is not among the caller's\n"
            "  deny    'no-secrets' may apply: the arguments are not known\n"
            "  require 'writing-needs-a-scope' does not apply: tool 'read_file' does not fit 'write_*'\n");
  EXPECT_EQ(explain_text(Policy::compile({.otherwise = Effect::deny}).value().explain(q)),
            "denied: no rule allows it, and the default denies\n");
}

TEST(ExplainJson, HasAStableForm) {
  const identity::Principal who{.user = "alice", .roles = {"Intern"}};
  const Question q{
      .who = &who, .adapter = "git", .kind = ItemKind::tool, .item = "push", .hints = Hints{}, .arguments = "{}"};
  EXPECT_EQ(json::to_text(explain_json(policy_of().explain(q))),
            R"({"decision":"deny","rule":"interns-only-read","scopes":[],"certain":true,"rules":[)"
            R"({"rule":"interns-only-read","effect":"deny","outcome":"applies",)"
            R"("because":"the caller has role 'intern', the hints of the tool agree"},)"
            R"({"rule":"no-secrets","effect":"deny","outcome":"does_not_apply",)"
            R"("because":"tool 'push' fits none of 'read_*', 'write_*'"},)"
            R"({"rule":"writing-needs-a-scope","effect":"require","outcome":"does_not_apply",)"
            R"("because":"adapter 'git' does not fit 'files'"}]})");
  const identity::Principal nobody;
  const Question open{.who = &nobody, .adapter = "git"};
  const auto json = explain_json(policy_of().explain(open));
  EXPECT_EQ(json.at("decision"), "allow");
  EXPECT_TRUE(json.at("rule").is_null());
  EXPECT_EQ(json.at("rules").at(1).at("outcome"), "may_apply");
}

TEST(IsCertain, WhatIsNotAllowedStaysSo) {
  const identity::Principal who{.user = "alice"};
  const Question open{.who = &who, .adapter = "files", .kind = ItemKind::tool, .item = "read_file"};
  EXPECT_FALSE(is_certain(policy_of(Effect::allow).explain(open)));
  EXPECT_TRUE(is_certain(policy_of(Effect::deny).explain(open)));
  Question known = open;
  known.arguments = "{}";
  EXPECT_TRUE(is_certain(policy_of(Effect::allow).explain(known)));
  const auto chance =
      Policy::compile({.otherwise = Effect::deny,
                       .rules = {{.name = "inside", .effect = Effect::allow, .match = {.networks = {"10.0.0.0/8"}}}}})
          .value();
  EXPECT_TRUE(chance.decide(open).allowed());
  EXPECT_FALSE(is_certain(chance.explain(open)));
}

}  // namespace
}  // namespace gw::policy
