#include "policy/check.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "policy/policy.h"

namespace gw::policy {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

std::vector<std::string> lines(const std::vector<schema::Problem>& problems) {
  std::vector<std::string> found;
  for (const auto& problem : problems) found.push_back(problem.field + ": " + problem.message);
  return found;
}

// The fields of what is wrong with a rule that has these conditions.
std::vector<std::string> fields_of(const Match& when) {
  std::vector<std::string> found;
  for (const auto& problem : check({.rules = {{.name = "a", .match = when}}})) found.push_back(problem.field);
  return found;
}

TEST(Check, AcceptsWhatMakesSense) {
  EXPECT_THAT(fields_of({}), IsEmpty());
  EXPECT_THAT(fields_of({.users = {"*@example.org"},
                         .roles = {"intern"},
                         .networks = {"10.0.0.0/8", "::1"},
                         .tools = {"write_*"},
                         .annotations = {{"readOnlyHint", false}},
                         .arguments = {{.pointer = "/path", .matches = {"*"}}, {.pointer = "/n", .equals = {"1"}}},
                         .times = {{.days = {"mon"}, .from = "22:00", .to = "06:00"}}}),
              IsEmpty());
}

TEST(Check, NamesThePlaceOfEachProblem) {
  EXPECT_THAT(fields_of({.users = {"a", ""}}), ElementsAre("rules[0].when.users[1]"));
  EXPECT_THAT(fields_of({.roles = {"*"}, .groups = {""}}),
              ElementsAre("rules[0].when.roles[0]", "rules[0].when.groups[0]"));
  EXPECT_THAT(fields_of({.scopes = {"a b"}}), ElementsAre("rules[0].when.scopes[0]"));
  EXPECT_THAT(fields_of({.networks = {"10.0.0.0/8", "example.org"}}), ElementsAre("rules[0].when.networks[1]"));
  EXPECT_THAT(
      fields_of({.times = {{}, {.days = {"mon", "monday"}, .from = "24:00", .to = "7:00"}}}),
      ElementsAre("rules[0].when.times[1].days[1]", "rules[0].when.times[1].from", "rules[0].when.times[1].to"));
  EXPECT_THAT(fields_of({.annotations = {{"readonlyHint", true}}}),
              ElementsAre("rules[0].when.annotations.readonlyHint"));
  EXPECT_THAT(fields_of({.tools = {"a"}, .prompts = {"b"}, .resources = {"c"}}),
              ElementsAre("rules[0].when.prompts", "rules[0].when.resources"));
  EXPECT_THAT(fields_of({.resources = {"c"},
                         .annotations = {{"readOnlyHint", true}},
                         .arguments = {{.pointer = "/a", .present = true}}}),
              ElementsAre("rules[0].when.annotations", "rules[0].when.arguments"));
}

TEST(Check, AConditionOnAnArgumentSaysExactlyOneThing) {
  EXPECT_THAT(fields_of({.arguments = {{.pointer = "path", .present = true}}}),
              ElementsAre("rules[0].when.arguments[0].pointer"));
  EXPECT_THAT(fields_of({.arguments = {{.pointer = "/a"}}}), ElementsAre("rules[0].when.arguments[0]"));
  EXPECT_THAT(fields_of({.arguments = {{.pointer = "/a", .matches = {"b"}, .present = true}}}),
              ElementsAre("rules[0].when.arguments[0]"));
  EXPECT_THAT(fields_of({.arguments = {{.pointer = "/a", .equals = {"1", "{}", "word"}}}}),
              ElementsAre("rules[0].when.arguments[0].equals[1]", "rules[0].when.arguments[0].equals[2]"));
}

TEST(Check, NamesAreThereAndUniqueAndScopesBelongToRequire) {
  const Rules rules{.otherwise = Effect::require_scopes,
                    .rules = {{.name = "a"},
                              {.name = ""},
                              {.name = "a", .scopes = {"s"}},
                              {.name = "b", .effect = Effect::require_scopes},
                              {.name = "c", .effect = Effect::require_scopes, .scopes = {"ok", "no\"good"}}}};
  EXPECT_THAT(lines(check(rules)),
              ElementsAre("default: the default is allow or deny", HasSubstr("rules[1].name: the rule has no name"),
                          "rules[2].name: 'a' is already the name of rules[0]",
                          HasSubstr("rules[2].scopes: only rules with 'effect: require'"),
                          HasSubstr("rules[3].scopes: a rule with 'effect: require' names"),
                          HasSubstr("rules[4].scopes[1]: 'no\"good' is not a scope")));
  const auto compiled = Policy::compile(rules);
  ASSERT_FALSE(compiled);
  EXPECT_EQ(lines(compiled.error()), lines(check(rules)));
}

TEST(Check, SuggestsTheHintThatWasMeant) {
  EXPECT_THAT(lines(check({.rules = {{.name = "a", .match = {.annotations = {{"readonlyhint", true}, {"x", true}}}}}})),
              ElementsAre(HasSubstr("did you mean 'readOnlyHint'?"), HasSubstr("there are readOnlyHint, ")));
}

TEST(Unused, WarnsOfAdaptersThatDoNotExist) {
  const Rules rules{.rules = {{.name = "a", .match = {.adapters = {"git", "gti"}}},
                              {.name = "b", .match = {.adapters = {"g*", "files-*"}}},
                              {.name = "c"}}};
  EXPECT_THAT(
      lines(unused(rules, {"git", "files"})),
      ElementsAre("rules[0].when.adapters[1]: policy rule 'a' names adapter 'gti', which does not exist; did you "
                  "mean 'git'?",
                  "rules[1].when.adapters[1]: policy rule 'b' names adapters 'files-*', and there is none that "
                  "fits"));
  EXPECT_THAT(lines(unused({.rules = {{.name = "a", .match = {.adapters = {"git"}}}}}, {})),
              ElementsAre("rules[0].when.adapters[0]: policy rule 'a' names adapter 'git', which does not exist"));
}

}  // namespace
}  // namespace gw::policy
