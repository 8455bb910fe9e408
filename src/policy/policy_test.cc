#include "policy/policy.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <new>

#include "json/timestamp.h"

namespace {
std::size_t allocations = 0;
}

void* operator new(std::size_t size) {
  ++allocations;
  if (void* memory = std::malloc(size)) return memory;
  throw std::bad_alloc();
}
void operator delete(void* memory) noexcept {
  std::free(memory);
}
void operator delete(void* memory, std::size_t) noexcept {
  std::free(memory);
}

namespace gw::policy {
namespace {

using identity::Principal;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

Policy compiled(Effect otherwise, std::vector<Rule> rules) {
  auto policy = Policy::compile({.otherwise = otherwise, .rules = std::move(rules)});
  if (policy) return *policy;
  ADD_FAILURE() << policy.error().front().field << ": " << policy.error().front().message;
  return {};
}

Rule rule(std::string name, Effect effect, Match match = {}, std::vector<std::string> scopes = {}) {
  return {.name = std::move(name), .effect = effect, .match = std::move(match), .scopes = std::move(scopes)};
}

constexpr Effect allow = Effect::allow;
constexpr Effect deny = Effect::deny;
constexpr Effect require = Effect::require_scopes;
using enum Step::Outcome;

const Principal alice{.method = identity::Method::token,
                      .user = "corp:alice",
                      .name = "Alice",
                      .roles = {"Engineer"},
                      .groups = {"/staff"},
                      .scopes = {"files.read"}};
const Principal robot{.method = identity::Method::api_key, .user = "key:k1", .name = "ci-main", .api_key = "k1"};

Question about_adapter(const Principal& who, std::string_view adapter = "files") {
  return {
      .who = &who, .adapter = adapter, .now = json::parse_timestamp("2026-01-31T10:00:00Z").value()};  // A Saturday.
}

// Everything known.
Question call(const Principal& who, std::string_view tool = "read_file", std::string_view arguments = "{}") {
  Question q = about_adapter(who);
  q.kind = ItemKind::tool;
  q.item = tool;
  q.hints = Hints{.read_only = true, .destructive = false};
  q.arguments = arguments;
  q.network = "10.1.2.3";
  return q;
}

Question open_call(const Principal& who) {
  Question q = call(who);
  q.hints.reset();
  q.arguments.reset();
  q.network = {};
  return q;
}

Question item(ItemKind kind, std::string_view name) {
  Question q = about_adapter(alice);
  q.kind = kind;
  q.item = name;
  return q;
}

// Who × what × when: whether a rule with one condition applies, and what is said about it.
TEST(Policy, EachConditionFitsWhatItIsAbout) {
  struct Case {
    Match when;
    Question question;
    Step::Outcome outcome;
    std::string_view because;
  };
  Match hints_and_path{
      .annotations = {{"readOnlyHint", true}},
      .arguments = {{.pointer = "/path", .matches = {"/etc/*"}}, {.pointer = "/mode", .present = false}}};
  const Case cases[] = {
      {{}, call(alice), applies, "it has no conditions"},
      // Who.
      {{.users = {"corp:*"}}, call(alice), applies, "user 'corp:alice' fits 'corp:*'"},
      {{.users = {"corp:alice"}}, call(alice), applies, "user is 'corp:alice'"},
      {{.users = {"alice", "bob"}}, call(alice), does_not_apply, "user 'corp:alice' fits none of 'alice', 'bob'"},
      {{.users = {"corp:Alice"}}, call(alice), does_not_apply, "user 'corp:alice' does not fit 'corp:Alice'"},
      {{.roles = {"engineer"}}, call(alice), applies, "the caller has role 'engineer'"},
      {{.roles = {"intern"}}, call(alice), does_not_apply, "role 'intern' is not among the caller's"},
      {{.roles = {"intern", "guest"}},
       call(alice),
       does_not_apply,
       "none of the roles 'intern', 'guest' is among the caller's"},
      {{.groups = {"/staff"}}, call(alice), applies, "the caller has group '/staff'"},
      {{.groups = {"/Staff"}}, call(alice), does_not_apply, "group '/Staff' is not among the caller's"},
      {{.scopes = {"x", "files.read"}}, call(alice), applies, "the caller has scope 'files.read'"},
      {{.scopes = {"files.READ"}}, call(alice), does_not_apply, "scope 'files.READ' is not among the caller's"},
      {{.api_keys = {"*"}}, call(alice), does_not_apply, "the caller has no API key"},
      {{.api_keys = {"k1"}}, call(robot), applies, "API key is 'k1'"},
      {{.api_keys = {"k*"}}, call(robot), applies, "API key 'k1' fits 'k*'"},
      {{.api_keys = {"ci-*"}}, call(robot), does_not_apply, "API key 'k1' does not fit 'ci-*'"},  // Only its name does.
      {{.api_keys = {"cd-*"}}, call(robot), does_not_apply, "API key 'k1' does not fit 'cd-*'"},
      {{.networks = {"10.0.0.0/8"}}, call(alice), applies, "address 10.1.2.3 is in '10.0.0.0/8'"},
      {{.networks = {"::/0", "10.1.2.2/31"}}, call(alice), applies, "address 10.1.2.3 is in '::/0', '10.1.2.2/31'"},
      {{.networks = {"192.0.2.0/24"}}, call(alice), does_not_apply, "address 10.1.2.3 is outside '192.0.2.0/24'"},
      {{.networks = {"10.0.0.0/8"}}, open_call(alice), may_apply, "the client's address is not known"},
      // What.
      {{.adapters = {"files"}}, call(alice), applies, "adapter is 'files'"},
      {{.adapters = {"fi*"}}, call(alice), applies, "adapter 'files' fits 'fi*'"},
      {{.adapters = {"git"}}, call(alice), does_not_apply, "adapter 'files' does not fit 'git'"},
      {{.adapters = {"git"}}, about_adapter(alice, ""), may_apply, "no adapter is named"},
      {{.tools = {"read_*"}}, call(alice), applies, "tool 'read_file' fits 'read_*'"},
      {{.tools = {"write_*"}}, call(alice), does_not_apply, "tool 'read_file' does not fit 'write_*'"},
      {{.tools = {"*"}}, about_adapter(alice), may_apply, "no tool is named"},
      {{.tools = {"*"}}, item(ItemKind::prompt, "p"), does_not_apply, "prompt 'p' is no tool"},
      {{.prompts = {"p*"}}, item(ItemKind::prompt, "p"), applies, "prompt 'p' fits 'p*'"},
      {{.prompts = {"p*"}}, call(alice, "p"), does_not_apply, "tool 'p' is no prompt"},
      {{.prompts = {"p*"}}, about_adapter(alice), may_apply, "no prompt is named"},
      {{.resources = {"file:///etc/*"}},
       item(ItemKind::resource, "file:///etc/passwd"),
       applies,
       "resource 'file:///etc/passwd' fits 'file:///etc/*'"},
      {{.resources = {"file:///etc/*"}},
       item(ItemKind::resource, "file:///tmp/x"),
       does_not_apply,
       "resource 'file:///tmp/x' does not fit 'file:///etc/*'"},
      {{.annotations = {{"readOnlyHint", true}, {"openWorldHint", true}}},
       call(alice),
       applies,
       "the hints of the tool agree"},
      {{.annotations = {{"readOnlyHint", true}, {"destructiveHint", true}}},
       call(alice),
       does_not_apply,
       "destructiveHint is false"},
      {{.annotations = {{"readOnlyHint", true}}}, open_call(alice), may_apply, "the hints of the tool are not known"},
      {{.annotations = {{"readOnlyHint", true}}}, about_adapter(alice), may_apply, "no tool is named"},
      {{.annotations = {{"readOnlyHint", true}}}, item(ItemKind::prompt, "p"), does_not_apply, "prompt 'p' is no tool"},
      {hints_and_path, call(alice, "t", R"({"path":"/etc/passwd"})"), applies,
       "the hints of the tool agree, argument /path fits, argument /mode fits"},
      {hints_and_path, call(alice, "t", R"({"path":"/etc/passwd","mode":1})"), does_not_apply,
       "argument /mode does not fit"},
      {hints_and_path, call(alice, "t", R"({"path":"/tmp/x"})"), does_not_apply, "argument /path does not fit"},
      {hints_and_path, call(alice, "t", ""), does_not_apply, "argument /path does not fit"},
      {hints_and_path, open_call(alice), may_apply, "the hints of the tool are not known, the arguments are not known"},
      {hints_and_path, about_adapter(alice), may_apply, "no tool is named"},
      // When.
      {{.times = {{.days = {"sat"}}}}, call(alice), applies, "Saturday 10:00 UTC is within its times"},
      {{.times = {{.days = {"sun"}}, {.from = "09:00", .to = "10:01"}}},
       call(alice),
       applies,
       "Saturday 10:00 UTC is within its times"},
      {{.times = {{.from = "22:00", .to = "06:00"}}},
       call(alice),
       does_not_apply,
       "Saturday 10:00 UTC is outside its times"},
      // Several: one that does not hold is enough, whatever is open.
      {{.users = {"bob"}, .tools = {"x"}},
       about_adapter(alice),
       does_not_apply,
       "user 'corp:alice' does not fit 'bob'"},
      {{.users = {"corp:*"}, .tools = {"x"}}, about_adapter(alice), may_apply, "no tool is named"},
      {{.users = {"corp:*"}, .adapters = {"files"}},
       call(alice),
       applies,
       "adapter is 'files', user 'corp:alice' fits 'corp:*'"},
  };
  for (const Case& c : cases) {
    const Policy policy = compiled(allow, {rule("r", deny, c.when)});
    const Explanation explanation = policy.explain(c.question);
    ASSERT_EQ(explanation.steps.size(), 1u);
    EXPECT_EQ(explanation.steps[0].outcome, c.outcome) << c.because;
    EXPECT_EQ(explanation.steps[0].because, c.because);
    EXPECT_EQ(policy.decide(c.question).allowed(), c.outcome != applies) << c.because;
    // Where a deny rule must apply for certain, an allow rule needs only a chance.
    const Policy opposite = compiled(deny, {rule("r", allow, c.when)});
    EXPECT_EQ(opposite.decide(c.question).allowed(), c.outcome != does_not_apply) << c.because;
  }
}

TEST(Policy, WithoutRulesEverythingIsAllowed) {
  EXPECT_TRUE(Policy().decide(call(alice)).allowed());
  EXPECT_TRUE(Policy().empty());
  EXPECT_TRUE(compiled(allow, {}).empty());
  EXPECT_FALSE(compiled(deny, {}).empty());
  EXPECT_FALSE(compiled(allow, {rule("a", allow)}).empty());
  EXPECT_EQ(compiled(deny, {}).decide(call(alice)).answer, Answer::deny);
  EXPECT_EQ(compiled(deny, {}).decide(call(alice)).rule, "");
}

TEST(Policy, DenyWinsInWhateverOrder) {
  const std::vector<Rule> rules{rule("yes", allow), rule("no", deny, {.tools = {"read_*"}}),
                                rule("scope", require, {}, {"x"})};
  const Policy forwards = compiled(allow, rules);
  const Policy backwards = compiled(allow, {rules.rbegin(), rules.rend()});
  for (const Policy& policy : {forwards, backwards}) {
    const Decision decision = policy.decide(call(alice));
    EXPECT_EQ(decision.answer, Answer::deny);
    EXPECT_EQ(decision.rule, "no");
    EXPECT_THAT(decision.scopes, IsEmpty());
  }
}

TEST(Policy, NamesTheRuleThatAllows) {
  const Policy policy = compiled(deny, {rule("a", allow, {.users = {"bob"}}), rule("b", allow)});
  EXPECT_EQ(policy.decide(call(alice)).answer, Answer::allow);
  EXPECT_EQ(policy.decide(call(alice)).rule, "b");
}

TEST(Policy, AsksForAllScopesThatTheOperationNeeds) {
  const Policy policy = compiled(allow, {rule("read", require, {}, {"files.read"}),
                                         rule("write", require, {.tools = {"write_*"}}, {"files.write", "audit"}),
                                         rule("other", require, {.adapters = {"git"}}, {"git"}),
                                         rule("audit", require, {.adapters = {"f*"}}, {"audit"})});
  const Decision decision = policy.decide(call(alice, "write_file"));
  EXPECT_EQ(decision.answer, Answer::need_scopes);
  EXPECT_FALSE(decision.allowed());
  EXPECT_EQ(decision.rule, "write");
  EXPECT_THAT(decision.scopes, ElementsAre("files.read", "files.write", "audit"));
  Principal more = alice;
  more.scopes = {"audit", "files.write", "files.read"};
  EXPECT_TRUE(policy.decide(call(more, "write_file")).allowed());
}

TEST(Policy, DoesNotAskForScopesThatWouldNotHelp) {
  const std::vector<Rule> rules{rule("scope", require, {}, {"x"}), rule("bobs", allow, {.users = {"bob"}})};
  EXPECT_EQ(compiled(deny, rules).decide(call(alice)).answer, Answer::deny);
  EXPECT_EQ(compiled(allow, rules).decide(call(alice)).answer, Answer::need_scopes);
}

TEST(Policy, WhatIsOpenNeitherDeniesNorNeedsScopes) {
  const Policy policy =
      compiled(deny, {rule("no-tools", deny, {.tools = {"*"}}), rule("scope", require, {.tools = {"read_*"}}, {"x"}),
                      rule("prompts", allow, {.prompts = {"a"}})});
  EXPECT_EQ(policy.decide(about_adapter(alice)).answer, Answer::allow);
  EXPECT_EQ(policy.decide(about_adapter(alice)).rule, "prompts");
  EXPECT_EQ(policy.decide(call(alice)).answer, Answer::deny);
}

TEST(Policy, ArgumentsThatCanBeReadInTwoWaysCountAgainstTheCaller) {
  const Match etc{.arguments = {{.pointer = "/path", .matches = {"/etc/*"}}}};
  const Match safe{.arguments = {{.pointer = "/path", .matches = {"/tmp/*"}}}};
  for (const char* doubtful : {R"({"path":"/tmp/a","path":"/etc/passwd"})", R"({"path":"/etc/passwd","path":"/tmp/a"})",
                               R"({"Path":"/etc/passwd","path":"/tmp/a"})", R"({"path":"/tmp/a")", "[[[["}) {
    EXPECT_EQ(compiled(allow, {rule("r", deny, etc)}).decide(call(alice, "t", doubtful)).answer, Answer::deny);
    EXPECT_EQ(compiled(deny, {rule("r", allow, safe)}).decide(call(alice, "t", doubtful)).answer, Answer::deny);
    EXPECT_EQ(compiled(allow, {rule("r", require, etc, {"x"})}).decide(call(alice, "t", doubtful)).answer,
              Answer::need_scopes);
    EXPECT_TRUE(compiled(allow, {rule("r", deny, {.tools = {"other"}})}).decide(call(alice, "t", doubtful)).allowed());
  }
}

TEST(Policy, ExplanationsHoldNoArgumentValues) {
  const Policy policy = compiled(allow, {rule("r", deny, {.arguments = {{.pointer = "/path", .matches = {"*x*"}}}}),
                                         rule("s", deny, {.arguments = {{.pointer = "/path", .equals = {"1"}}}})});
  for (const auto& step : policy.explain(call(alice, "t", R"({"path":"topsecretx"})")).steps) {
    EXPECT_EQ(step.because.find("topsecret"), std::string::npos) << step.because;
  }
}

TEST(Policy, ManyRulesAreFoundByTheirAdapter) {
  std::vector<Rule> rules;
  for (int i = 0; i < 3000; ++i) {
    const std::string number = std::to_string(i);
    rules.push_back(rule("named-" + number, allow, {.adapters = {"a" + number, "a" + number, "b" + number}}));
    if (i % 100 == 0) rules.push_back(rule("glob-" + number, deny, {.adapters = {"a" + number + "?", "x"}}));
  }
  const Policy policy = compiled(deny, rules);
  EXPECT_EQ(policy.decide(about_adapter(alice, "a2999")).rule, "named-2999");
  EXPECT_EQ(policy.decide(about_adapter(alice, "b17")).rule, "named-17");
  EXPECT_EQ(policy.decide(about_adapter(alice, "a1007")).rule, "glob-100");
  EXPECT_EQ(policy.decide(about_adapter(alice, "x")).rule, "glob-0");
  EXPECT_EQ(policy.decide(about_adapter(alice, "c3000")).answer, Answer::deny);
  EXPECT_EQ(policy.decide(about_adapter(alice, "c3000")).rule, "");
  EXPECT_EQ(policy.explain(about_adapter(alice, "a2999")).steps.size(), rules.size());
}

TEST(Policy, DecidesWithoutAllocating) {
  const Policy policy = compiled(
      deny, {rule("a-rule-with-a-long-name-that-fits-nobody", deny,
                  {.users = {"a-user-with-a-very-long-name-*"}, .networks = {"2001:db8::/32"}}),
             rule("hints", deny, {.annotations = {{"destructiveHint", true}}}),
             rule("nights", deny, {.times = {{.from = "22:00", .to = "06:00"}}}),
             rule("scope", require, {.tools = {"read_*"}}, {"files.read"}),
             rule("another-rule-with-a-long-name", allow, {.roles = {"engineer"}, .networks = {"2001:db9::/32"}})});
  Question q = call(alice);
  q.network = "2001:0db9:1111:2222:3333:4444:5555:6666";
  const std::size_t before = allocations;
  const Decision decision = policy.decide(q);
  const std::size_t after = allocations;
  EXPECT_EQ(decision.rule, "another-rule-with-a-long-name");
  EXPECT_EQ(after, before);
}

TEST(Policy, KnowsForWhichAdaptersMessagesMustBeRead) {
  const Policy policy =
      compiled(allow, {rule("whole", deny, {.users = {"bob"}, .adapters = {"git"}}),
                       rule("tools", deny, {.adapters = {"files"}, .tools = {"x"}}),
                       rule("hints", deny, {.adapters = {"h*"}, .annotations = {{"readOnlyHint", true}}}),
                       rule("args", deny, {.adapters = {"args"}, .arguments = {{.pointer = "/a", .present = true}}})});
  EXPECT_FALSE(policy.looks_at_items("git"));
  EXPECT_TRUE(policy.looks_at_items("files"));
  EXPECT_TRUE(policy.looks_at_items("hg"));
  EXPECT_TRUE(policy.looks_at_items("args"));
  EXPECT_FALSE(policy.looks_at_hints("files"));
  EXPECT_TRUE(policy.looks_at_hints("hg"));
  EXPECT_FALSE(Policy().looks_at_items("git"));
}

TEST(Policy, CopiesShareWhatTheyDecideBy) {
  Policy copy;
  {
    const Policy policy = compiled(allow, {rule("no", deny)});
    copy = policy;
  }
  EXPECT_EQ(copy.decide(call(alice)).rule, "no");
}

}  // namespace
}  // namespace gw::policy
