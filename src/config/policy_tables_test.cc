#include "config/policy_tables.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "config/yaml.h"
#include "policy/check.h"

namespace gw::config {
namespace {

using policy::Effect;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;

std::vector<std::string> read(std::string_view yaml, policy::Rules& rules) {
  const auto root = parse_yaml(yaml);
  EXPECT_TRUE(root);
  schema::Report report;
  policy_object().table().read(**root, &rules, report);
  std::vector<std::string> problems;
  for (const auto& problem : report.problems()) problems.push_back(problem.field + ": " + problem.message);
  return problems;
}

constexpr std::string_view everything = R"(
default: deny
rules:
  - name: a
    effect: require
    scopes: [s]
    when:
      users: ["*@example.org"]
      roles: [intern]
      groups: [/staff]
      scopes: [x]
      apiKeys: [ci-*]
      networks: [10.0.0.0/8]
      adapters: [files]
      tools: ["write_*"]
      annotations: { readOnlyHint: false }
      arguments:
        - pointer: /path
          matches: ["/etc/*", 22]
        - pointer: /mode
          equals: [1.50, "1", true, null, word, 12345678901234567890123]
        - pointer: /force
          present: false
      times:
        - days: [sat, sun]
          from: 09:00
          to: 17:30
  - name: b
    effect: allow
    when: { prompts: [p] }
  - name: c
    effect: deny
    when: { resources: ["file:///*"] }
)";

TEST(PolicyTables, ReadEverythingThatARuleMaySay) {
  policy::Rules rules;
  ASSERT_THAT(read(everything, rules), IsEmpty());
  EXPECT_THAT(policy::check(rules), IsEmpty());
  EXPECT_EQ(rules.otherwise, Effect::deny);
  ASSERT_EQ(rules.rules.size(), 3u);
  const policy::Rule& rule = rules.rules[0];
  EXPECT_EQ(rule.name, "a");
  EXPECT_EQ(rule.effect, Effect::require_scopes);
  EXPECT_THAT(rule.scopes, ElementsAre("s"));
  EXPECT_THAT(rule.match.users, ElementsAre("*@example.org"));
  EXPECT_THAT(rule.match.roles, ElementsAre("intern"));
  EXPECT_THAT(rule.match.groups, ElementsAre("/staff"));
  EXPECT_THAT(rule.match.scopes, ElementsAre("x"));
  EXPECT_THAT(rule.match.api_keys, ElementsAre("ci-*"));
  EXPECT_THAT(rule.match.networks, ElementsAre("10.0.0.0/8"));
  EXPECT_THAT(rule.match.adapters, ElementsAre("files"));
  EXPECT_THAT(rule.match.tools, ElementsAre("write_*"));
  EXPECT_THAT(rule.match.annotations, ElementsAre(Pair("readOnlyHint", false)));
  ASSERT_EQ(rule.match.arguments.size(), 3u);
  EXPECT_EQ(rule.match.arguments[0].pointer, "/path");
  EXPECT_THAT(rule.match.arguments[0].matches, ElementsAre("/etc/*", "22"));
  EXPECT_THAT(rule.match.arguments[1].equals,
              ElementsAre("1.50", "\"1\"", "true", "null", "\"word\"", "12345678901234567890123"));
  EXPECT_EQ(rule.match.arguments[2].present, false);
  EXPECT_EQ(rule.match.times[0], (policy::TimeWindow{.days = {"sat", "sun"}, .from = "09:00", .to = "17:30"}));
  EXPECT_THAT(rules.rules[1].match.prompts, ElementsAre("p"));
  EXPECT_THAT(rules.rules[2].match.resources, ElementsAre("file:///*"));
}

TEST(PolicyTables, AnEmptyListIsNotTakenForEverybody) {
  policy::Rules rules;
  EXPECT_THAT(read("rules: [{name: a, effect: allow, when: {roles: [], annotations: {}}}]", rules),
              ElementsAre("rules[0].when.roles: it is empty; leave it out, or write what it is to hold",
                          "rules[0].when.annotations: it is empty; leave it out, or write what it is to hold"));
}

TEST(PolicyTables, EveryRuleSaysItsNameAndEffect) {
  policy::Rules rules;
  EXPECT_THAT(read("{default: require, rules: [{when: {user: [a]}}, {name: a, effect: Deny}]}", rules),
              ElementsAre("default: 'require' is not one of allow and deny",
                          "rules[0].when.user: 'user' is not known here; did you mean 'users'?",
                          "rules[0].name: 'name' is missing", "rules[0].effect: 'effect' is missing",
                          "rules[1].effect: 'Deny' is not one of allow, deny and require"));
}

TEST(PolicyTables, NumbersThatAreNoJsonNeedQuotes) {
  policy::Rules rules;
  EXPECT_THAT(
      read("rules: [{name: a, effect: deny, when: {arguments: [{pointer: /a, equals: [007, \"007\", [1]]}]}}]", rules),
      ElementsAre("rules[0].when.arguments[0].equals[0]: write 007 as JSON has it, or in quotes",
                  "rules[0].when.arguments[0].equals[2]: expected a single value, found a list"));
  EXPECT_EQ(rules.rules[0].match.arguments[0].equals[1], "\"007\"");
}

// By which a reload notices changes.
TEST(PolicyTables, RulesThatDifferAreWrittenDifferently) {
  policy::Rules rules;
  ASSERT_THAT(read(everything, rules), IsEmpty());
  policy::Rules other = rules;
  const auto object = policy_object();
  EXPECT_EQ(object.table().write(&rules), object.table().write(&other));
  other.rules[0].match.arguments[1].equals[1] = "1";
  EXPECT_NE(object.table().write(&rules), object.table().write(&other));
}

}  // namespace
}  // namespace gw::config
