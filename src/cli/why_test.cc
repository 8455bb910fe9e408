#include "cli/why.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <sstream>

#include <boost/json.hpp>

#include "json/json.h"
#include "json/timestamp.h"

namespace gw::cli {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using ::testing::StartsWith;

constexpr std::string_view rules = R"(
policy:
  rules:
    - name: no-secrets
      effect: deny
      when: { tools: ["*_file"], arguments: [{ pointer: /path, matches: ["/etc/*"] }] }
    - name: weekends
      effect: deny
      when: { adapters: [git], times: [{ days: [sat, sun] }] }
    - name: writing
      effect: require
      scopes: [files.write]
      when: { tools: ["write_*"] }
)";

constexpr std::string_view servers = R"(
auth: { apiKeys: true }
servers:
  - { name: files, command: x, requiredRoles: [mcp.engineer] }
  - { name: git, command: x, requiredRoles: ["*"] }
  - { name: own, command: x }
)";

class Why : public ::testing::Test {
 protected:
  Why() {
    std::string name = fs::temp_directory_path() / "gw-why-XXXXXX";
    folder_ = ::mkdtemp(name.data());
    write(servers);
  }
  ~Why() override { fs::remove_all(folder_); }

  void write(std::string_view text) { std::ofstream(folder_ / "gw.yaml") << text; }

  int ask(const std::vector<std::string>& words) {
    out_.str("");
    err_.str("");
    const std::string file = folder_ / "gw.yaml";
    std::vector<const char*> argv{"mcp-gateway", "why", "--config", file.c_str()};
    for (const auto& word : words) argv.push_back(word.c_str());
    const auto environment = [](const std::string&) -> std::optional<std::string> { return {}; };
    return cli::run(static_cast<int>(argv.size()), argv.data(), {}, {out_, err_, environment});
  }

  fs::path folder_;
  std::ostringstream out_;
  std::ostringstream err_;
};

TEST_F(Why, TheRoleRulesOfTheServerComeFirst) {
  EXPECT_EQ(ask({"--user", "alice", "--adapter", "files"}), 1);
  EXPECT_EQ(out_.str(),
            "not allowed\n"
            "role rules: denied: the caller has none of the roles 'mcp.engineer' that 'files' asks for\n"
            "policy: allowed: no rule decides, and the default allows\n");
  EXPECT_EQ(ask({"--user", "alice", "--role", "x", "--role", "MCP.Engineer", "--adapter", "files"}), 0);
  EXPECT_THAT(out_.str(), StartsWith("allowed\nrole rules: allowed: the caller has one of the roles 'mcp.engineer'"));
  EXPECT_EQ(ask({"--user", "alice", "--adapter", "git"}), 0);
  EXPECT_THAT(out_.str(), HasSubstr("'git' is for everybody"));
  EXPECT_EQ(ask({"--user", "alice", "--adapter", "own"}), 1);
  EXPECT_THAT(out_.str(), HasSubstr("administrators only"));
  EXPECT_EQ(ask({"--user", "alice", "--role", "mcp.admin", "--adapter", "own"}), 0);
  EXPECT_THAT(out_.str(), HasSubstr("administrator by role 'mcp.admin'"));
}

TEST_F(Why, WithoutAuthenticationEverybodyMay) {
  write("servers: [{ name: own, command: x }]\n");
  EXPECT_EQ(ask({"--user", "alice", "--adapter", "own"}), 0);
  EXPECT_THAT(out_.str(), HasSubstr("'auth' is not configured"));
}

TEST_F(Why, ThePolicyOfTheFileIsExplained) {
  write(std::string(servers) + std::string(rules));
  const std::vector<std::string> call{"--user", "bob", "--role", "mcp.engineer", "--adapter", "files", "--tool"};
  const auto with = [&](std::vector<std::string> more) {
    more.insert(more.begin(), call.begin(), call.end());
    return ask(more);
  };
  EXPECT_EQ(with({"read_file"}), 0);
  EXPECT_THAT(out_.str(), HasSubstr("unless what is not known changes that"));
  EXPECT_THAT(out_.str(), HasSubstr("'no-secrets' may apply: the arguments are not known"));
  EXPECT_EQ(with({"read_file", "--args", R"({"path":"/etc/shadow"})"}), 1);
  EXPECT_THAT(out_.str(), HasSubstr("policy: denied by rule 'no-secrets'\n"));
  EXPECT_EQ(with({"write_file", "--args", "{}"}), 1);
  EXPECT_THAT(out_.str(), HasSubstr("needed are 'files.write'"));
  EXPECT_EQ(with({"write_file", "--args", "{}", "--scope", "files.write"}), 0);
  EXPECT_EQ(ask({"--user", "bob", "--adapter", "git", "--at", "2026-01-31T10:00Z"}), 1);
  EXPECT_THAT(out_.str(), HasSubstr("Saturday 10:00 UTC is within its times"));
  EXPECT_EQ(ask({"--user", "bob", "--adapter", "git", "--at", "2026-01-30T10:00Z"}), 0);
}

TEST_F(Why, AServerThatTheFileDoesNotHaveIsAWarning) {
  EXPECT_EQ(ask({"--user", "alice", "--adapter", "gti"}), 0);
  EXPECT_THAT(err_.str(), HasSubstr("the file has no server 'gti', so only the policy is asked; did you mean 'git'?"));
  EXPECT_THAT(out_.str(), StartsWith("allowed\npolicy: "));
}

TEST_F(Why, JsonHasTheSameAnswer) {
  EXPECT_EQ(ask({"--user", "alice", "--adapter", "files", "--output", "json"}), 1);
  const auto json = json::parse(out_.str());
  ASSERT_TRUE(json) << out_.str();
  EXPECT_EQ(json->at("allowed"), false);
  EXPECT_EQ(json->at("roleRules").at("allowed"), false);
  EXPECT_EQ(json->at("policy").at("decision"), "allow");
}

TEST_F(Why, WhatCannotBeUnderstoodIsTwo) {
  const std::pair<std::vector<std::string>, const char*> wrong[] = {
      {{"--adapter", "git"}, "--user or --api-key is required"},
      {{"--user", "a", "--tool", "x", "--prompt", "y"}, "--prompt: ask about one tool, prompt or resource"},
      {{"--user", "a", "--args", "{}"}, "--args requires --tool"},
      {{"--user", "a", "--tool", "x", "--args", "{"}, "--args: line 1"},
      {{"--user", "a", "--tool", "x", "--args", "[1]"}, "arguments are an object"},
      {{"--user", "a", "--tool", "x", "--hint", "readOnly=true"}, "there is no hint 'readOnly'"},
      {{"--user", "a", "--tool", "x", "--hint", "readOnlyHint"}, "'readOnlyHint' is not a hint"},
      {{"--user", "a", "--at", "tomorrow"}, "'tomorrow' is not a time"},
      {{"--user", "a", "--from", "example.org"}, "'example.org' is not a numeric address"},
  };
  for (const auto& [words, message] : wrong) {
    EXPECT_EQ(ask(words), exit_usage) << message;
    EXPECT_THAT(err_.str(), HasSubstr(message));
    EXPECT_EQ(out_.str(), "");
  }
  write("wrokers: 1\n");
  EXPECT_EQ(ask({"--user", "a"}), exit_usage);
  EXPECT_THAT(err_.str(), HasSubstr("did you mean 'workers'?"));
  fs::remove(folder_ / "gw.yaml");
  EXPECT_EQ(ask({"--user", "a"}), exit_usage);
  EXPECT_THAT(err_.str(), HasSubstr("gw.yaml"));
}

TEST(WhyQuestion, IsTheQuestionThatThePolicyIsAsked) {
  WhyQuestion why;
  set_api_key(why, "ci");
  EXPECT_EQ(why.who.user, "key:ci");
  ASSERT_TRUE(set_hint(why, "readOnlyHint=true"));
  ASSERT_TRUE(set_hint(why, "openWorldHint=false"));
  ASSERT_TRUE(set_arguments(why, R"({"a":1})"));
  ASSERT_TRUE(set_network(why, "::1"));
  const auto now = json::parse_timestamp("2026-01-31T10:00:00Z").value();
  policy::Question question = why.asked(now);
  EXPECT_EQ(question.who->api_key, "ci");
  EXPECT_EQ(question.hints, (policy::Hints{.read_only = true, .open_world = false}));
  EXPECT_EQ(question.arguments, R"({"a":1})");
  EXPECT_EQ(question.network, "::1");
  EXPECT_EQ(question.now, now);
  for (const char* time : {"2026-01-30T11:30+01:00", "2026-01-30T10:30Z", "2026-01-30T10:30:00.000Z"}) {
    ASSERT_TRUE(set_time(why, time)) << time;
    EXPECT_EQ(why.asked(now).now, json::parse_timestamp("2026-01-30T10:30:00Z")) << time;
  }
  EXPECT_FALSE(WhyQuestion().asked(now).arguments);
  EXPECT_FALSE(WhyQuestion().asked(now).hints);
}

}  // namespace
}  // namespace gw::cli
