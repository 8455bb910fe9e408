#include "config/import.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "config/load.h"

namespace gw::config {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

Imported imported_from(std::string_view json) {
  const auto imported = import_servers(json);
  EXPECT_TRUE(imported) << imported.error().message();
  return imported.value_or(Imported{});
}

// What a gateway makes of the imported text.
std::vector<model::AdapterSpec> servers_of(const Imported& imported) {
  const auto loaded = load_text(imported.yaml, "imported", "/folder");
  EXPECT_TRUE(loaded) << to_string(loaded.error()[0]) << "\n" << imported.yaml;
  return loaded ? loaded->servers : std::vector<model::AdapterSpec>{};
}

TEST(Import, ClaudeDesktop) {
  const auto imported = imported_from(R"({"mcpServers":{
    "filesystem":{"command":"npx","args":["-y","@modelcontextprotocol/server-filesystem","/Users/ann/Desktop"]},
    "weather":{"command":"/opt/weather","env":{"LEVEL":"info"}}}})");
  EXPECT_THAT(imported.warnings, IsEmpty());
  const auto servers = servers_of(imported);
  ASSERT_EQ(servers.size(), 2u);
  EXPECT_EQ(servers[0].name, "filesystem");
  EXPECT_THAT(servers[0].command->args,
              ElementsAre("-y", "@modelcontextprotocol/server-filesystem", "/Users/ann/Desktop"));
  EXPECT_EQ(servers[0].transport, model::Transport::stdio);
  EXPECT_EQ(servers[1].environment.at("LEVEL"), "info");
}

TEST(Import, VsCodeInputsBecomeEnvironmentVariables) {
  const auto imported = imported_from(R"({
    // asks once
    "inputs":[{"type":"promptString","id":"gh-token","description":"GitHub token","password":true}],
    "servers":{"github":{"type":"http","url":"https://api.example.org/mcp/","headers":{"Authorization":"Bearer ${input:gh-token}"}},
               "db":{"type":"stdio","command":"uvx","args":["db"],"env":{"URL":"${env:DB_URL}"},"envFile":".env",},},})");
  EXPECT_THAT(
      imported.warnings,
      ElementsAre(HasSubstr("server 'github': headers.Authorization: the editor asked for 'gh-token' (GitHub token); "
                            "set the environment variable GH_TOKEN"),
                  "server 'db': 'envFile' has no counterpart and was left out"));
  const auto servers = servers_of(imported);
  EXPECT_EQ(servers[0].url->headers.at("Authorization"), "Bearer ${env:GH_TOKEN}");
  EXPECT_EQ(servers[1].environment.at("URL"), "${env:DB_URL}");
}

TEST(Import, CursorAndRemoteServers) {
  const auto imported = imported_from(R"({"mcpServers":{
    "linear":{"url":"https://mcp.example.org/sse","type":"sse"},
    "wind":{"serverUrl":"https://wind.example.org/mcp","disabled":true}}})");
  const auto servers = servers_of(imported);
  EXPECT_EQ(servers[0].transport, model::Transport::sse);
  EXPECT_EQ(servers[1].url->url, "https://wind.example.org/mcp");
  EXPECT_FALSE(servers[1].enabled);
}

TEST(Import, ServersInsideEditorSettingsAreFound) {
  EXPECT_EQ(imported_from(R"({"editor.tabSize":2,"mcp":{"servers":{"a":{"command":"x"}}}})").servers, 1u);
}

TEST(Import, NamesAreMadeLegalAndStayApart) {
  const auto imported = imported_from(R"({"mcpServers":{"My Server":{"command":"a"},"my-server":{"command":"b"},
                                          "mcp":{"command":"c"},"日本":{"command":"d"}}})");
  std::vector<std::string> names;
  for (const auto& server : servers_of(imported)) names.push_back(server.name);
  EXPECT_THAT(names, ElementsAre("my-server", "my-server-2", "mcp-server", "server"));
  EXPECT_THAT(imported.warnings, Contains("server 'My Server' is called 'my-server' here"));
}

TEST(Import, SecretsAreKeptAndWarnedAboutWithoutBeingShown) {
  const auto imported = imported_from(
      R"({"mcpServers":{"a":{"command":"x","env":{"API_KEY":"hunter2","MODE":"sk-hunter2","PLAIN":"1"}}}})");
  EXPECT_THAT(imported.warnings,
              ElementsAre(HasSubstr("env.API_KEY looks like a secret"), HasSubstr("env.MODE looks like")));
  for (const auto& warning : imported.warnings) EXPECT_EQ(warning.find("hunter2"), std::string::npos);
  EXPECT_EQ(servers_of(imported)[0].environment.at("API_KEY"), "hunter2");
}

TEST(Import, VariablesOfOtherProgramsAreTranslatedOrNamed) {
  const auto imported = imported_from(R"({"mcpServers":{"a":{"command":"x","args":["${workspaceFolder}/s"],
    "env":{"A":"${HOME}","B":"${PORT:-80}","C":"${workspaceFolder}/y","D":"${open","E":"$5"}}}})");
  const auto env = servers_of(imported)[0].environment;
  EXPECT_EQ(env.at("A"), "${env:HOME}");
  EXPECT_EQ(env.at("B"), "${env:PORT}");
  EXPECT_EQ(env.at("C"), "$${workspaceFolder}/y");
  EXPECT_EQ(env.at("D"), "$${open");
  EXPECT_EQ(env.at("E"), "$5");
  EXPECT_THAT(imported.warnings, Contains(HasSubstr("variables (${…}) are not replaced in 'args'")));
  EXPECT_THAT(imported.warnings, Contains(HasSubstr("the fallback of ${PORT} was left out")));
}

TEST(Import, WhatCannotBeCarriedOverIsNamed) {
  const auto imported = imported_from(R"({"mcpServers":{"both":{"command":"x","url":"http://h/"},"none":{},"odd":7,
    "bad":{"url":"https://u:hunter2@h/"},"ok":{"command":"x","autoApprove":["t"],"headers":{"A":"b"}}}})");
  EXPECT_EQ(imported.servers, 1u);
  EXPECT_THAT(imported.warnings,
              ElementsAre(HasSubstr("server 'both' was left out: it has both"), HasSubstr("server 'none' was left out"),
                          HasSubstr("server 'odd' was left out"), HasSubstr("server 'bad' was left out: url:"),
                          HasSubstr("'autoApprove' has no counterpart"), HasSubstr("'headers' does not belong")));
  for (const auto& warning : imported.warnings) EXPECT_EQ(warning.find("hunter2"), std::string::npos);
}

TEST(Import, AFileWithoutServersIsAnError) {
  EXPECT_THAT(import_servers(R"({"theme":"dark"})").error().message(), HasSubstr("there are no servers in it"));
  EXPECT_THAT(import_servers("[]").error().message(), HasSubstr("there are no servers in it"));
  EXPECT_THAT(import_servers("{").error().message(), HasSubstr("line 1, column 2"));
  EXPECT_EQ(imported_from(R"({"mcpServers":{}})").yaml, "servers: []\n");
}

}  // namespace
}  // namespace gw::config
