#include "model/tool_check.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "model/adapter_check.h"

namespace gw::model {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using Place = ToolParameter::Place;

AdapterSpec tool() {
  AdapterSpec spec{.name = "weather"};
  spec.url = UrlSource{.url = "https://example.org/api", .headers = {{"X-Key", "${env:KEY}"}}};
  spec.tool = ToolSpec{.definition = R"({"name":"weather","title":"Weather","inputSchema":{"type":"object",
    "properties":{"city":{"type":"string"},"days":{"type":"integer"}}},"outputSchema":{"type":"object"},
    "annotations":{"readOnlyHint":true},"icons":[{"src":"https://h/i.png"}],"_meta":{},"x":null})"};
  return spec;
}

std::vector<std::string> problems_of(const AdapterSpec& spec) {
  std::vector<std::string> found;
  for (const auto& problem : check_tool(spec)) found.push_back(problem.field + ": " + problem.message);
  return found;
}

std::vector<std::string> problems_of_definition(std::string definition) {
  AdapterSpec spec = tool();
  spec.tool->definition = std::move(definition);
  return problems_of(spec);
}

TEST(ToolCheck, SoundToolsPass) {
  EXPECT_THAT(problems_of(tool()), IsEmpty());
  EXPECT_THAT(check_adapter(tool()), IsEmpty());
  AdapterSpec spec = tool();
  spec.tool->path = "/v1.0/{place}/~x/%20/.../.a/{days}";
  spec.tool->parameters = {
      {"city", Place::path, "place"}, {"days", Place::path, ""}, {"days", Place::header, "X-Days"}};
  EXPECT_THAT(problems_of(spec), IsEmpty());
}

TEST(ToolCheck, AToolHasExactlyOneSource) {
  AdapterSpec spec = tool();
  spec.url.reset();
  EXPECT_THAT(check_adapter(spec).at(0).message, HasSubstr("a tool has exactly one source"));
}

TEST(ToolCheck, TheNameIsThatOfTheResource) {
  EXPECT_THAT(problems_of_definition(R"({"inputSchema":{"type":"object"}})"),
              ElementsAre("toolDefinition.tool.name: 'name' is missing; it is that of the resource: 'weather'"));
  EXPECT_THAT(
      problems_of_definition(R"({"name":"Weather","inputSchema":{"type":"object"}})"),
      ElementsAre("toolDefinition.tool.name: 'Weather' is not the name of the resource; both must be 'weather'"));
}

TEST(ToolCheck, EveryMemberOfTheDefinitionIsLookedAt) {
  EXPECT_THAT(problems_of_definition("[]"), ElementsAre("toolDefinition.tool: expected a Tool object, found a list"));
  EXPECT_THAT(
      problems_of_definition(R"({"name":1,"title":2,"description":[],"outputSchema":{"type":"array"},
        "annotations":{"title":1,"idempotentHint":"yes"},"icons":[{"src":1},{}],"_meta":[]})"),
      ElementsAre("toolDefinition.tool.name: expected a string, found a number",
                  "toolDefinition.tool.title: expected a string, found a number",
                  "toolDefinition.tool.description: expected a string, found a list",
                  R"(toolDefinition.tool.inputSchema: 'inputSchema' is missing; for a tool without arguments write )"
                  R"({"type": "object"})",
                  HasSubstr(R"(toolDefinition.tool.outputSchema.type: must be "object")"),
                  "toolDefinition.tool.annotations.title: expected a string, found a number",
                  "toolDefinition.tool.annotations.idempotentHint: expected true or false, found a string",
                  HasSubstr("toolDefinition.tool.icons[0]: expected an object with 'src'"),
                  HasSubstr("toolDefinition.tool.icons[1]: "),
                  "toolDefinition.tool._meta: expected an object, found a list"));
  EXPECT_THAT(problems_of_definition(R"({"name":"weather","inputSchema":true})"),
              ElementsAre("toolDefinition.tool.inputSchema: expected a JSON Schema, an object, found a boolean"));
  EXPECT_THAT(problems_of_definition(R"({"name":"weather","x":")" + std::string(largest_definition, 'x') + "\"}"),
              ElementsAre(HasSubstr("1048576 are allowed")));
}

TEST(ToolCheck, SchemasAreJsonSchema) {
  EXPECT_THAT(
      problems_of_definition(R"({"name":"weather","inputSchema":{"type":"object","properties":{"a/b":{"minimum":"x"}},
        "allOf":[{},{"type":"strng"}]},"outputSchema":{"type":"object","$ref":"#/$defs/none"}})"),
      ElementsAre(HasSubstr("toolDefinition.tool.inputSchema.allOf[1].type: "),
                  HasSubstr("toolDefinition.tool.inputSchema.properties.a/b.minimum: "),
                  HasSubstr("toolDefinition.tool.outputSchema.$ref: ")));
  EXPECT_THAT(problems_of_definition(R"({"name":"weather","inputSchema":{"type":"object","properties":{"n":{
        "$ref":"#/$defs/n"}},"$defs":{"n":{"type":["integer","null"],"maximum":9007199254740993}}}})"),
              IsEmpty());
}

TEST(ToolCheck, PathsHaveFewCharactersAndWholePlaceholders) {
  AdapterSpec spec = tool();
  for (const char* bad : {"", "score", "/a b", "/a?x=1", "/a#b", "/ä", "/%2", "/%zz", "/{", "/{}", "/}", "/{a{b}}",
                          "/.", "/a/../b", "/a/%2e%2E/b", "/..%2fb"}) {
    spec.tool->path = bad;
    const auto problems = check_tool(spec);
    ASSERT_EQ(problems.size(), 1u) << bad;
    EXPECT_EQ(problems[0].field, "toolDefinition.path") << bad;
  }
}

TEST(ToolCheck, ParametersOfThePathAndPlaceholdersAreTheSame) {
  AdapterSpec spec = tool();
  spec.tool->path = "/{city}";
  spec.tool->parameters = {{"city", Place::query, ""}, {"days", Place::path, "day"}};
  EXPECT_THAT(
      problems_of(spec),
      ElementsAre(R"(toolDefinition.path: '{city}' stands for no parameter; add one to 'parameters' with "in": "path")",
                  "toolDefinition.parameters[1].name: 'path' has no '{day}'"));
}

TEST(ToolCheck, ParametersNameArgumentsAndGoToOnePlaceEach) {
  AdapterSpec spec = tool();
  spec.tool->parameters = {{"citi", Place::query, ""},
                           {"", Place::query, "x"},
                           {"city", Place::header, "X-A"},
                           {"days", Place::header, "x-a"}};
  EXPECT_THAT(
      problems_of(spec),
      ElementsAre("toolDefinition.parameters[0].argument: 'citi' is not among the properties of the inputSchema; "
                  "did you mean 'city'?",
                  "toolDefinition.parameters[1].argument: an argument has a name",
                  "toolDefinition.parameters[3].name: 'x-a' is given by another parameter already"));
  spec.tool->definition = R"({"name":"weather","inputSchema":{"type":"object","$ref":"#/$defs/a","$defs":{"a":{}}}})";
  spec.tool->parameters.resize(1);
  EXPECT_THAT(problems_of(spec), IsEmpty()) << "which arguments there are is not known here";
}

TEST(ToolCheck, ArgumentsDoNotSetHeadersThatSayWhoAsks) {
  AdapterSpec spec = tool();
  for (const char* bad :
       {"Authorization",   "cookie",    "Host",           "Content-Type",    "X-Mcp-UserId",   "Mcp-Session-Id",
        "X-Forwarded-For", "a b",       "x-key",          "X_Forwarded_For", "Content_Length", "X-Request-Id",
        "accept-encoding", "X-Real-IP", "True_Client_IP", "X-Original-URL",  "X-Rewrite-URL",  "X-HTTP-Method-Override",
        "Forwarded",       "Proxy",     "proxy"}) {
    spec.tool->parameters = {{"city", Place::header, bad}};
    EXPECT_EQ(check_tool(spec).size(), 1u) << bad;
  }
}

TEST(ToolCheck, DotStepsAreFoundHoweverTheyAreWritten) {
  for (const char* bad : {".", "..", "/..", "a/.", "a\\..\\b", "..%2Fa", "a%5c%2E.", "/%2e/"}) {
    EXPECT_TRUE(has_dot_step(bad)) << bad;
  }
  for (const char* good : {"", "/", "...", "a..", ".a", "%2", "a.b/c..d", "%252e%252e", "/..,b"}) {
    EXPECT_FALSE(has_dot_step(good)) << good;
  }
}

TEST(ToolCheck, TheBodyIsOneArgumentThatGoesNowhereElse) {
  AdapterSpec spec = tool();
  spec.tool->body_argument = "city";
  EXPECT_THAT(problems_of(spec), IsEmpty());
  spec.tool->method = "GET";
  spec.tool->parameters = {{"city", Place::query, ""}};
  EXPECT_THAT(problems_of(spec),
              ElementsAre("toolDefinition.bodyArgument: a GET request has no body; choose another method",
                          "toolDefinition.bodyArgument: 'city' is among the 'parameters'; it goes to one place"));
  spec.tool = tool().tool;
  spec.tool->body_argument = "cty";
  EXPECT_THAT(problems_of(spec), ElementsAre(HasSubstr("did you mean 'city'?")));
}

}  // namespace
}  // namespace gw::model
