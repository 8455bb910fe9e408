// Tools as the REST API and the store write them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "json/json.h"
#include "model/adapter_json.h"

namespace gw::model {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

// Order, blanks, escapes and digits that a document would not keep.
constexpr std::string_view definition =
    R"({ "name":"weather", "x-first" : 9007199254740993, "inputSchema":{"type":"object",
        "properties":{"city":{"type":"string","default":"K\u00f6ln"},"big":{"const":123456789012345678901234567890}}}, "a":1.0 })";

std::string body(std::string_view members = R"("url":"http://h/base")") {
  return fmt::format(R"({{"name":"weather",{},"toolDefinition":{{"tool":{}}}}})", members, definition);
}

std::vector<std::string> problems_of(std::string_view text) {
  std::vector<std::string> found;
  if (const auto spec = read_tool(text); !spec) {
    for (const auto& problem : spec.error()) found.push_back(problem.field + ": " + problem.message);
  }
  return found;
}

AdapterSpec spec_of(std::string_view text) {
  const auto spec = read_tool(text);
  EXPECT_TRUE(spec) << spec.error().front().field << ": " << spec.error().front().message;
  return spec.value_or(AdapterSpec{});
}

TEST(ToolJson, ADefinitionIsKeptAsTheBytesThatCame) {
  const Adapter tool{.spec = spec_of(body())};
  ASSERT_TRUE(tool.spec.tool);
  EXPECT_EQ(tool.spec.tool->definition, definition);
  EXPECT_THAT(resource_text(tool), HasSubstr("\"toolDefinition\":{\"tool\":" + std::string(definition) + ','));
  EXPECT_EQ(spec_of(resource_text(tool)), tool.spec) << "what was read can be sent again";
  EXPECT_EQ(spec_of("\xEF\xBB\xBF" + body()), tool.spec) << "behind a byte order mark, too";
  EXPECT_EQ(spec_of(R"({"name":"weather","url":"http://h/base","tool\u0044efinition":{"t\u006fol":)" +
                    std::string(definition) + "}}"),
            tool.spec);
}

TEST(ToolJson, TheStoreKeepsEverything) {
  const AdapterSpec spec = spec_of(fmt::format(
      R"({{"name":"weather","url":"http://h/","headers":{{"A":"b"}},"requiredRoles":["*"],"toolDefinition":{{"tool":{},
         "port":8080,"path":"/v1/{{place}}","method":"PUT","timeout":"7s","retries":0,"bodyArgument":"big",
         "parameters":[{{"argument":"city","in":"path","name":"place"}},{{"argument":"city","in":"header","name":"X-C"}}]
      }}}})",
      definition));
  EXPECT_EQ(spec.tool->parameters.at(1), (ToolParameter{"city", ToolParameter::Place::header, "X-C"}));
  EXPECT_EQ(spec.tool->timeout, std::chrono::seconds(7));
  const auto again = spec_of_stored_text(stored_text(spec));
  ASSERT_TRUE(again) << again.error().message();
  EXPECT_EQ(*again, spec);
}

TEST(ToolJson, AToolIsCalledByHttpWhateverRunsIt) {
  const AdapterSpec spec = spec_of(body(R"("command":"server","args":["${port}"])"));
  EXPECT_EQ(spec.transport, Transport::http);
  EXPECT_EQ(spec.tool->path, "/score");
  EXPECT_EQ(spec.tool->method, "POST");
}

TEST(ToolJson, AnswersHaveTheEstablishedMembersFirst) {
  const auto resource = json::parse(resource_text({.spec = spec_of(body())}));
  ASSERT_TRUE(resource);
  std::vector<std::string> names;
  for (const auto& [name, value] : resource->as_object()) names.emplace_back(name);
  names.resize(14);
  EXPECT_THAT(names, ElementsAre("id", "name", "imageName", "imageVersion", "environmentVariables", "replicaCount",
                                 "description", "useWorkloadIdentity", "requiredRoles", "toolDefinition", "createdBy",
                                 "createdAt", "lastUpdatedAt", "url"));
  const auto schema = resource_schema(tool_object());
  for (const auto& [name, value] : resource->as_object()) {
    EXPECT_TRUE(schema.at("properties").as_object().contains(name)) << name;
  }
}

TEST(ToolJson, WhatOnlyServersOfMcpHaveIsRefusedWithTheReason) {
  EXPECT_THAT(
      problems_of(body(R"("url":"http://h/","transport":"sse","session":"shared","toolPrefix":"x","path":"/p",
                                  "pinned":true,"sessionSharing":"client")")),
      ElementsAre(HasSubstr("transport: a tool is always called by plain HTTP"),
                  HasSubstr("session: a tool has no sessions"), HasSubstr("toolPrefix: a tool is offered under"),
                  HasSubstr("path: a tool's path is 'toolDefinition.path'"), HasSubstr("pinned: "),
                  HasSubstr("sessionSharing: a tool has no sessions")));
  EXPECT_THAT(problems_of(body(R"("url":"http://h/","transport":null)")), ::testing::IsEmpty());
}

TEST(ToolJson, EveryMistakeIsNamedAtOnce) {
  EXPECT_THAT(problems_of(R"({"name":"a","url":"http://h/"})"),
              ElementsAre("toolDefinition: 'toolDefinition' is missing"));
  EXPECT_THAT(problems_of(R"({"name":"a","url":"http://h/","toolDefinition":{"tool":[],"port":0,"method":"LIST",
                             "parameters":[{"argument":"x","in":"cookie"}],"pth":"/"}})"),
              ElementsAre("toolDefinition.tool: expected an object, found a list",
                          "toolDefinition.port: 0 is not a whole number between 1 and 65535",
                          "toolDefinition.method: 'LIST' is not one of GET, POST, PUT, PATCH and DELETE",
                          "toolDefinition.parameters[0].in: 'cookie' is not one of path, query and header",
                          "toolDefinition.pth: 'pth' is not known here; did you mean 'path'?"));
  EXPECT_THAT(problems_of(R"({"name":"a","url":"http://h/","toolDefinition":{"tool":
                             {"name":"a","inputSchema":{"type":"object","properties":{"x":{},"x":{}}}}}})"),
              ElementsAre("toolDefinition.tool.inputSchema.properties: has the member \"x\" twice"));
}

TEST(ToolJson, AnAdapterHasNoDefinition) {
  const auto spec = read_adapter(body());
  ASSERT_FALSE(spec);
  EXPECT_EQ(spec.error().front().field, "toolDefinition");
}

}  // namespace
}  // namespace gw::model
