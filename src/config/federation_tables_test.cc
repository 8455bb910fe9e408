#include "config/federation_tables.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "config/check_federation.h"
#include "config/yaml.h"

namespace gw::config {
namespace {

using catalogue::FederationOptions;
using catalogue::PrefixMode;
using catalogue::VirtualServer;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;
using ::testing::StartsWith;

template <class S>
std::vector<std::string> read(const schema::Object<S>& object, std::string_view yaml, S& value) {
  const auto root = parse_yaml(yaml);
  EXPECT_TRUE(root);
  schema::Report report;
  object.table().read(**root, &value, report);
  std::vector<std::string> problems;
  for (const auto& problem : report.problems()) problems.push_back(problem.field + ": " + problem.message);
  return problems;
}

constexpr std::string_view everything = R"(
prefixMode: always
separator: "."
pageSize: 50
overrides:
  - server: files
    tool: "delete_*"
    hide: true
  - server: files
    tool: read
    rename: read_file
    description: Reads.
    annotations: { readOnlyHint: true }
)";

TEST(FederationTable, ReadsAndWritesTheSame) {
  FederationOptions options;
  EXPECT_THAT(read(federation_object(), everything, options), IsEmpty());
  EXPECT_EQ(options.prefix_mode, PrefixMode::always);
  EXPECT_EQ(options.separator, ".");
  EXPECT_EQ(options.page_size, 50u);
  ASSERT_EQ(options.overrides.size(), 2u);
  EXPECT_TRUE(options.overrides[0].hide);
  EXPECT_EQ(options.overrides[1].rename, "read_file");
  EXPECT_THAT(options.overrides[1].annotations, ElementsAre(Pair("readOnlyHint", true)));
  FederationOptions again;
  const auto written = schema::node_of(federation_object().table().write(&options));
  schema::Report report;
  federation_object().table().read(*written, &again, report);
  EXPECT_EQ(again, FederationOptions(options)) << boost::json::serialize(federation_object().table().write(&options));
}

TEST(VirtualServerTable, KnowsListsThatAreEmptyFromThoseThatAreNotGiven) {
  VirtualServer server;
  EXPECT_THAT(
      read(virtual_server_object(), "{name: dev, prompts: [], tags: [net], annotations: {readOnlyHint: true}}", server),
      IsEmpty());
  EXPECT_EQ(server.tools, std::nullopt);
  EXPECT_EQ(server.prompts, std::vector<std::string>{});
  EXPECT_EQ(server.tags, std::vector<std::string>{"net"});
}

TEST(VirtualServerTable, ReadsWhatOtherGatewaysWrite) {
  VirtualServer server;
  EXPECT_THAT(read(virtual_server_object(),
                   "{name: mcp-test/my-server, tools: [s1_hello, s2_time], prompts: [s1_greet]}", server),
              IsEmpty());
  EXPECT_EQ(server.name, "mcp-test/my-server");
  EXPECT_EQ(server.tools, (std::vector<std::string>{"s1_hello", "s2_time"}));
  std::vector<schema::Problem> problems;
  check_federation({}, {server}, problems);
  EXPECT_THAT(problems, IsEmpty());
}

std::vector<std::string> wrong(const FederationOptions& options, const std::vector<VirtualServer>& servers = {}) {
  std::vector<schema::Problem> problems;
  check_federation(options, servers, problems);
  std::vector<std::string> texts;
  for (const auto& problem : problems) texts.push_back(problem.field + ": " + problem.message);
  return texts;
}

TEST(CheckFederation, TakesWhatIsRight) {
  FederationOptions options;
  read(federation_object(), everything, options);
  EXPECT_THAT(wrong(options, {{.name = "a"}, {.name = "a/b"}, {.name = "b.c_D-1"}}), IsEmpty());
}

TEST(CheckFederation, SaysWhatIsWrongWithOverrides) {
  FederationOptions options;
  options.separator = ":";
  options.overrides = {
      {.server = "a", .hide = true},
      {.server = "a", .tool = "t", .prompt = "p", .hide = true},
      {.server = "a", .tool = "t"},
      {.server = "a", .tool = "t*", .rename = "x"},
      {.server = "a", .resource = "r", .rename = "x"},
      {.server = "a", .tool = "t", .rename = "a b"},
      {.server = "a", .prompt = "p", .annotations = {{"readOnlyHint", true}}},
      {.server = "a", .tool = "t", .annotations = {{"readonly", true}}},
  };
  EXPECT_THAT(wrong(options), ElementsAre(StartsWith("federation.separator: ':' cannot stand"),
                                          "federation.overrides[0]: give exactly one of tool, prompt and resource",
                                          "federation.overrides[1]: give exactly one of tool, prompt and resource",
                                          StartsWith("federation.overrides[2]: it changes nothing"),
                                          StartsWith("federation.overrides[3].rename: 't*' may fit several"),
                                          StartsWith("federation.overrides[4].rename: resources are known"),
                                          StartsWith("federation.overrides[5].rename: 'a b' is not a name"),
                                          "federation.overrides[6].annotations: only tools have annotations",
                                          StartsWith("federation.overrides[7].annotations: 'readonly' is not one of")));
}

TEST(CheckFederation, SaysWhatIsWrongWithVirtualServers) {
  EXPECT_THAT(wrong({}, {{.name = "a"},
                         {.name = "a"},
                         {.name = ""},
                         {.name = "a/b/c"},
                         {.name = "a b"},
                         {.name = ".."},
                         {.name = "b", .annotations = {{"x", true}}}}),
              ElementsAre("virtualServers[1].name: 'a' is already the name of a virtual server",
                          StartsWith("virtualServers[2].name: '' is not a name"),
                          StartsWith("virtualServers[3].name: 'a/b/c' is not a name"),
                          StartsWith("virtualServers[4].name: 'a b' is not a name"),
                          StartsWith("virtualServers[5].name: '..' is not a name"),
                          StartsWith("virtualServers[6].annotations: 'x' is not one of")));
}

}  // namespace
}  // namespace gw::config
