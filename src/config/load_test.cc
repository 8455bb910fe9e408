#include "config/load.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace gw::config {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

std::vector<std::string> errors_of(std::string_view text) {
  std::vector<std::string> found;
  if (const auto loaded = load_text(text, "gw.yaml", "/etc/gw"); !loaded) {
    for (const auto& problem : loaded.error()) found.push_back(to_string(problem));
  }
  return found;
}

Loaded loaded_from(std::string_view text) {
  auto loaded = load_text(text, "gw.yaml", "/etc/gw");
  EXPECT_THAT(errors_of(text), IsEmpty());
  return loaded ? *std::move(loaded) : Loaded{};
}

TEST(Config, AnEmptyFileMeansTheDefaults) {
  const auto loaded = loaded_from("");
  ASSERT_EQ(loaded.options.listen.size(), 1u);
  EXPECT_EQ(loaded.options.listen[0].address, "127.0.0.1:8000");
  EXPECT_EQ(loaded.options.http.max_body_bytes, 16u << 20);
  EXPECT_THAT(loaded.servers, IsEmpty());
}

TEST(Config, ReadsEverySection) {
  const auto o = loaded_from(R"(
listen:
  - address: "[::1]:0"
    tls: {certFile: tls/cert.pem, keyFile: /keys/key.pem}
workers: 2
stateDirectory: state
store: {kind: memory}
log: {level: debug, format: json}
http: {maxHeaderBytes: 32KiB, maxBodyBytes: 0, idleTimeout: 1m, allowedOrigins: ["https://a.example"], trustedProxies: [10.0.0.0/8]}
sessions: {lifetime: 2d}
processes: {logBytes: 2MiB}
upstream: {maxIdlePerEndpoint: 3}
)")
                     .options;
  EXPECT_EQ(o.listen[0].tls->cert_file, "/etc/gw/tls/cert.pem");
  EXPECT_EQ(o.listen[0].tls->key_file, "/keys/key.pem");
  EXPECT_EQ(o.workers, 2u);
  EXPECT_EQ(o.state_directory, "/etc/gw/state");
  EXPECT_EQ(o.store.kind, StoreKind::memory);
  EXPECT_EQ(o.log.level, log::Level::debug);
  EXPECT_EQ(o.http.max_header_bytes, 32u << 10);
  EXPECT_EQ(o.http.max_body_bytes, 0u);
  EXPECT_EQ(o.http.idle_timeout, 1min);
  EXPECT_EQ(o.sessions.lifetime, 48h);
  EXPECT_EQ(o.processes.log_bytes, 2u << 20);
  EXPECT_EQ(o.upstream.max_idle_per_endpoint, 3u);
}

TEST(Config, ReadsServersOfAllSources) {
  const auto servers = loaded_from(R"(
servers:
  - name: search
    url: https://search.example.org/mcp
    hostname: internal.example.org
    toolPrefix: s1_
    enabled: false
    credential: Bearer ${env:TOKEN}
    headers: {X-Number: 7}
    limits: {responseTimeout: 30s}
    category: [web]
  - name: files
    command: ./bin/files
    args: [--root, /srv, 8]
    cwd: data
    env: {PORT_HINT: 8080, FLAG: true}
    session: shared
    replicaCount: 3
  - name: box
    imageName: team/box
    imageVersion: 1.0
    prefix: b_
    state: Disabled
)")
                           .servers;
  ASSERT_EQ(servers.size(), 3u);
  EXPECT_FALSE(servers[0].enabled);
  EXPECT_EQ(servers[0].url->headers.at("Authorization"), "Bearer ${env:TOKEN}");
  EXPECT_EQ(servers[0].url->headers.at("X-Number"), "7");
  EXPECT_EQ(servers[0].limits.response_timeout, 30s);
  EXPECT_THAT(servers[0].categories, ElementsAre("web"));
  EXPECT_EQ(servers[1].command->command, "/etc/gw/bin/files");
  EXPECT_EQ(servers[1].command->cwd, "/etc/gw/data");
  EXPECT_THAT(servers[1].command->args, ElementsAre("--root", "/srv", "8"));
  EXPECT_EQ(servers[1].environment.at("PORT_HINT"), "8080");
  EXPECT_EQ(servers[1].environment.at("FLAG"), "true");
  EXPECT_EQ(servers[1].sharing, model::StdioSharing::shared);
  EXPECT_EQ(servers[2].image->version, "1.0");
  EXPECT_EQ(servers[2].tool_prefix, "b_");
  EXPECT_FALSE(servers[2].enabled);
}

TEST(Config, ACommandWithoutASlashIsFoundOnThePath) {
  EXPECT_EQ(loaded_from("servers: [{name: a, command: node}]").servers[0].command->command, "node");
}

TEST(Config, ToolsAreServersWithADefinition) {
  const auto all = loaded_from(R"(
servers: [{name: docs, url: http://h/mcp}]
tools:
  - name: weather
    command: ./weather
    credential: null
    toolDefinition:
      tool: {name: weather, "x": 9007199254740993, inputSchema: {type: object, properties: {"on": {default: no}}},
             title: yes, annotations: {readOnlyHint: True}}
      path: /{on}
      parameters: [{argument: on, in: path}]
      timeout: 5s
)")
                       .servers;
  ASSERT_EQ(all.size(), 2u);
  EXPECT_FALSE(all[0].tool);
  const model::AdapterSpec& tool = all[1];
  EXPECT_EQ(tool.command->command, "/etc/gw/weather");
  EXPECT_EQ(tool.transport, model::Transport::http);
  EXPECT_EQ(tool.tool->definition,
            R"({"name":"weather","x":9007199254740993,"inputSchema":{"type":"object","properties":{"on":)"
            R"({"default":"no"}}},"title":"yes","annotations":{"readOnlyHint":true}})");
  EXPECT_EQ(tool.tool->path, "/{on}");
  EXPECT_EQ(tool.tool->timeout, 5s);
}

TEST(Config, MistakesOfToolsHaveTheirPlaces) {
  EXPECT_THAT(errors_of("servers: [{name: a, url: http://h/}]\n"
                        "tools:\n"
                        "  - name: a\n"
                        "    url: http://h/\n"
                        "    toolDefinition:\n"
                        "      tool: {name: b, inputSchema: {type: array}}\n"
                        "  - name: c\n"
                        "    url: http://h/\n"
                        "    transport: sse\n"
                        "    toolDefinition: {tool: {n: +1}}\n"
                        "  - name: d\n"
                        "    url: http://h/\n"),
              ElementsAre("gw.yaml:3:11: tools[0].name: 'a' is already the name of servers[0]",
                          "gw.yaml:6:20: tools[0].toolDefinition.tool.name: 'b' is not the name of the resource; both "
                          "must be 'a'",
                          HasSubstr("gw.yaml:6:43: tools[0].toolDefinition.tool.inputSchema.type: must be \"object\""),
                          HasSubstr("gw.yaml:9:5: tools[1].transport: a tool is always called by plain HTTP"),
                          "gw.yaml:10:32: tools[1].toolDefinition.tool.n: write +1 as JSON has it, or in quotes",
                          "gw.yaml:11:5: tools[2].toolDefinition: 'toolDefinition' is missing"));
}

TEST(Config, EveryMistakeIsReportedAtOnceWithItsPlace) {
  EXPECT_THAT(errors_of("lisen: []\n"
                        "workers: many\n"
                        "http:\n"
                        "  idleTimeout: 5\n"
                        "  allowedOrigins: [example.org]\n"
                        "servers:\n"
                        "  - name: team/Docs\n"
                        "    url: ftp://x/\n"
                        "  - name: ok\n"
                        "    ulr: http://x/\n"
                        "  - name: cmd\n"
                        "    command: x\n"
                        "    env: {'A=B': 1}\n"
                        "  - name: cmd\n"
                        "    command: y\n"),
              ElementsAre("gw.yaml:1:1: lisen: 'lisen' is not known here; did you mean 'listen'?",
                          "gw.yaml:2:10: workers: expected a whole number, found a string",
                          HasSubstr("gw.yaml:4:16: http.idleTimeout: '5' is not a duration"),
                          HasSubstr("gw.yaml:5:20: http.allowedOrigins[0]: 'example.org' is not an origin"),
                          HasSubstr("gw.yaml:7:11: servers[0].name: 'team/Docs' is not a legal name"),
                          HasSubstr("gw.yaml:8:10: servers[0].url: the scheme is 'ftp'"),
                          "gw.yaml:10:5: servers[1].ulr: 'ulr' is not known here; did you mean 'url'?",
                          HasSubstr("gw.yaml:13:18: servers[2].env.A=B: a variable's name"),
                          "gw.yaml:14:11: servers[3].name: 'cmd' is already the name of servers[2]"));
}

TEST(Config, APublicAddressNeedsAWordOfConsent) {
  EXPECT_THAT(
      errors_of("listen: [{address: '0.0.0.0:8000'}]"),
      ElementsAre(HasSubstr("gw.yaml:1:20: listen[0].address: '0.0.0.0:8000' can be reached from other machines")));
  EXPECT_THAT(errors_of("allowPublic: true\nlisten: [{address: '0.0.0.0:8000'}]"), IsEmpty());
  EXPECT_THAT(errors_of("listen: [{address: 'localhost:80'}, {address: '[::1]:80'}, {address: '127.1.2.3:80'}]"),
              IsEmpty());
}

TEST(Config, AddressesAreCheckedAndNotRepeated) {
  EXPECT_THAT(errors_of("listen: []"), ElementsAre(HasSubstr("there must be at least one address")));
  EXPECT_THAT(errors_of("listen: [{address: '8000'}]"), ElementsAre(HasSubstr("write host:port")));
  EXPECT_THAT(errors_of("listen: [{address: '127.0.0.1:1'}, {address: '127.0.0.1:1'}]"),
              ElementsAre(HasSubstr("listen[1].address: this address is given twice")));
  EXPECT_THAT(errors_of("listen: [{address: '127.0.0.1:0'}, {address: '127.0.0.1:0'}]"), IsEmpty());
  EXPECT_THAT(errors_of("listen: [{address: '127.0.0.1:1', tls: {certFile: a}}]"),
              ElementsAre(HasSubstr("listen[0].tls.keyFile: 'keyFile' is missing")));
}

TEST(Config, WaysToSayTheSameExcludeEachOther) {
  EXPECT_THAT(errors_of("servers: [{name: a, url: 'http://x/', enabled: true, state: Enabled}]"),
              ElementsAre(HasSubstr("'state' and 'enabled' say the same")));
  EXPECT_THAT(errors_of("servers: [{name: a, url: 'http://x/', prefix: p, toolPrefix: p}]"),
              ElementsAre(HasSubstr("given twice under two names")));
  EXPECT_THAT(errors_of("servers: [{name: a, url: 'http://x/', credential: x, headers: {authorization: y}}]"),
              ElementsAre(HasSubstr("'headers' sets Authorization already")));
  EXPECT_THAT(errors_of("servers: [{name: a, command: x, credential: x}]"),
              ElementsAre(HasSubstr("'credential' is only for servers with 'url'")));
}

TEST(Config, AWrittenCredentialIsWarnedAboutWithoutShowingIt) {
  const auto loaded = loaded_from("servers: [{name: a, url: 'http://x/', credential: hunter2}]");
  ASSERT_EQ(loaded.warnings.size(), 1u);
  EXPECT_THAT(to_string(loaded.warnings[0]), HasSubstr("servers[0]: a credential is written in the file"));
  EXPECT_EQ(to_string(loaded.warnings[0]).find("hunter2"), std::string::npos);
  EXPECT_THAT(loaded_from("servers: [{name: a, url: 'http://x/', credential: '${env:T}'}]").warnings, IsEmpty());
}

TEST(Config, AMissingFileIsNamed) {
  const auto loaded = load_file("/nonexistent/gw.yaml");
  ASSERT_FALSE(loaded);
  EXPECT_EQ(to_string(loaded.error()[0]),
            "/nonexistent/gw.yaml: cannot open /nonexistent/gw.yaml: No such file or directory");
}

}  // namespace
}  // namespace gw::config
