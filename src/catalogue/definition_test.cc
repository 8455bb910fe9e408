#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/sha256.h"
#include "catalogue/item.h"

namespace gw::catalogue {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Pair;

std::string why_not(Kind kind, std::string_view json) {
  const auto made = read_definition(kind, json);
  if (made) return "";
  EXPECT_EQ(made.error().code(), Errc::invalid);
  return made.error().message();
}

std::string with_schema(std::string_view schema) {
  return R"({"name":"t","inputSchema":)" + std::string(schema) + "}";
}

Definition tool_with(std::string_view properties) {
  auto made =
      read_definition(Kind::tool, with_schema(R"({"type":"object","properties":)" + std::string(properties) + "}"));
  EXPECT_TRUE(made) << made.error().message();
  return *made;
}

TEST(Definition, KeepsTheBytesThatCame) {
  const std::string json =
      R"({ "x-unknown" : [1e2 , 9007199254740993], "name":"a\u0062", "inputSchema":{"type":"object"},"x-unknown":2 })";
  const auto made = read_definition(Kind::tool, " \n" + json + "\t");
  ASSERT_TRUE(made);
  EXPECT_EQ(made->json, json);
  EXPECT_EQ(made->hash, sha256_hex(json));
  EXPECT_EQ(made->name, "ab");
}

TEST(Definition, OfAToolSaysWhatItDoes) {
  const auto made = read_definition(Kind::tool, R"({"name":"t","description":"d\n","annotations":{"title":"A",
      "readOnlyHint":true,"destructiveHint":false,"mine":7},"inputSchema":{"type":"object","properties":{
      "path":{"type":["string","null"]},"größe":true,"n":{"anyOf":[{"type":"integer"},{"type":"null"}]}},
      "required":["path"]}})");
  ASSERT_TRUE(made) << made.error().message();
  EXPECT_EQ(made->title, "A");
  EXPECT_EQ(made->description, "d\n");
  EXPECT_THAT(made->parameters, ElementsAre("path", "größe", "n"));
  EXPECT_EQ(made->hints,
            (policy::Hints{.read_only = true, .destructive = false, .idempotent = false, .open_world = true}));
  EXPECT_TRUE(made->input_schema_is_plain);
}

TEST(Definition, OfOtherKindsIsNamedByWhatClientsAskFor) {
  const auto prompt = read_definition(Kind::prompt, R"({"name":"p","title":"T","arguments":[{"name":"city"}]})");
  ASSERT_TRUE(prompt);
  EXPECT_EQ(prompt->name, "p");
  EXPECT_EQ(prompt->title, "T");
  EXPECT_THAT(prompt->parameters, ElementsAre("city"));
  const auto resource = read_definition(Kind::resource, R"({"uri":"file:///a","name":"n","mimeType":"x/y"})");
  ASSERT_TRUE(resource);
  EXPECT_EQ(resource->name, "file:///a");
  EXPECT_EQ(resource->title, "n");
  const auto pattern = read_definition(Kind::resource_template, R"({"uriTemplate":"db://{t}","name":"n"})");
  ASSERT_TRUE(pattern);
  EXPECT_EQ(pattern->name, "db://{t}");
}

TEST(Definition, WhatClientsWouldRefuseIsRefused) {
  EXPECT_EQ(why_not(Kind::tool, "[]"), "it is not a JSON object");
  EXPECT_EQ(why_not(Kind::tool, ""), "it is not a JSON object");
  EXPECT_THAT(why_not(Kind::tool, R"({"name":"a",})"), HasSubstr("cannot be read"));
  EXPECT_THAT(why_not(Kind::tool, R"({"name":"a"}})"), HasSubstr("cannot be read"));
  EXPECT_EQ(why_not(Kind::tool, "{\"name\":\"\xff\"}"), "it is not UTF-8");
  EXPECT_EQ(why_not(Kind::tool, R"({"inputSchema":{"type":"object"}})"), "it has no name");
  EXPECT_EQ(why_not(Kind::tool, R"({"name":"","inputSchema":{"type":"object"}})"), "it has no name");
  EXPECT_EQ(why_not(Kind::tool, R"({"name":5})"), "its name is not a string");
  EXPECT_EQ(why_not(Kind::tool, R"({"name":"a","description":null})"), "its description is not a string");
  EXPECT_EQ(why_not(Kind::tool, R"({"name":"a"})"), "it has no inputSchema");
  EXPECT_EQ(why_not(Kind::tool, with_schema("true")), "its inputSchema is not an object");
  EXPECT_EQ(why_not(Kind::tool, with_schema("{}")), "the type of its inputSchema is not \"object\"");
  EXPECT_EQ(why_not(Kind::tool, with_schema(R"({"type":["object"]})")),
            "the type of its inputSchema is not \"object\"");
  EXPECT_EQ(why_not(Kind::tool, with_schema(R"({"type":"object","properties":[]})")),
            "the properties of its inputSchema are not an object");
  EXPECT_EQ(why_not(Kind::tool, R"({"name":"a","inputSchema":{"type":"object"},"annotations":{"readOnlyHint":1}})"),
            "its annotation readOnlyHint is not true or false");
  EXPECT_EQ(why_not(Kind::prompt, R"({"name":"p","arguments":[{"title":"x"}]})"), "one of its arguments has no name");
  EXPECT_EQ(why_not(Kind::prompt, R"({"name":"p","arguments":{}})"), "its arguments are not a list");
  EXPECT_EQ(why_not(Kind::resource, R"({"uri":"a:b"})"), "it has no name");
  EXPECT_EQ(why_not(Kind::resource, R"({"name":"n"})"), "it has no uri");
  EXPECT_EQ(why_not(Kind::resource, R"({"name":"n","uri":"a:)" + std::string(3000, 'x') + "\"}"),
            "its name has 3002 bytes, 2048 are allowed");
  EXPECT_THAT(why_not(Kind::resource_template, R"({"name":"n","uriTemplate":"a:{b"})"), HasSubstr("RFC 6570"));
}

TEST(Definition, WhatTwoReadersMayUnderstandInTwoWaysIsRefused) {
  EXPECT_EQ(why_not(Kind::tool, R"({"name":"a","n\u0061me":"b","inputSchema":{"type":"object"}})"),
            "it has the member 'name' twice");
  EXPECT_EQ(why_not(Kind::tool, R"({"name":"a","inputSchema":{"type":"object"},
                                    "annotations":{"readOnlyHint":true,"readOnlyHint":false}})"),
            "it has the member 'readOnlyHint' twice");
  EXPECT_EQ(why_not(Kind::tool, with_schema(R"({"type":"string","type":"object"})")),
            "its inputSchema has 'type' twice in one place");
  EXPECT_EQ(why_not(Kind::tool, with_schema(R"({"type":"object","properties":{"a":{},"a":{}}})")),
            "its inputSchema has 'a' twice in one place");
}

TEST(Definition, IsBounded) {
  const std::string deep = std::string(70, '[') + std::string(70, ']');
  EXPECT_THAT(why_not(Kind::tool, R"({"name":"a","x":)" + deep + "}"), HasSubstr("too many nested"));
  EXPECT_THAT(why_not(Kind::tool, R"({"name":")" + std::string(2000, 'a') + "\"}"), HasSubstr("2000 bytes"));
  EXPECT_THAT(why_not(Kind::tool, R"({"name":"a","x":")" + std::string(2 << 20, 'a') + "\"}"),
              HasSubstr("1048576 are allowed"));
}

TEST(Definition, ArgumentsThatHeadersMirrorAreFoundAtAnyDepth) {
  const Definition made = tool_with(R"({
      "region":{"type":"string","x-mcp-header":"Region"},
      "x-mcp-header":{"type":"string"},
      "a/b~":{"type":"object","properties":{"n":{"x-mcp-header":"Count","type":"integer"}}},
      "quoted":{"default":{"x-mcp-header":"No"},"enum":[{"x-mcp-header":""}]}})");
  EXPECT_THAT(made.mirrored, ElementsAre(Pair("/region", "Region"), Pair("/a~1b~0/n", "Count")));
  EXPECT_EQ(made.mirror_problem, "");
  EXPECT_FALSE(made.input_schema_is_plain);
}

TEST(Definition, WrongMirroringIsNotedAndLeavesTheToolToLegacyClients) {
  const auto problem = [](std::string_view properties) {
    const Definition made = tool_with(properties);
    EXPECT_THAT(made.mirrored, IsEmpty());
    EXPECT_FALSE(made.input_schema_is_plain);
    return made.mirror_problem;
  };
  constexpr auto no_name = "is not a name of a header field";
  constexpr auto no_type = "no string, integer or boolean";
  constexpr auto no_way = "'properties' alone";
  EXPECT_THAT(problem(R"({"a":{"type":"string","x-mcp-header":""}})"), HasSubstr(no_name));
  EXPECT_THAT(problem(R"({"a":{"type":"string","x-mcp-header":7}})"), HasSubstr(no_name));
  EXPECT_THAT(problem(R"({"a":{"type":"string","x-mcp-header":"A b"}})"), HasSubstr(no_name));
  EXPECT_THAT(problem(R"({"a":{"type":"string","x-mcp-header":"A\r\nX: y"}})"), HasSubstr(no_name));
  EXPECT_THAT(problem(R"({"a":{"type":"number","x-mcp-header":"A"}})"), HasSubstr(no_type));
  EXPECT_THAT(problem(R"({"a":{"type":["string","null"],"x-mcp-header":"A"}})"), HasSubstr(no_type));
  EXPECT_THAT(problem(R"({"a":{"x-mcp-header":"A"}})"), HasSubstr(no_type));
  EXPECT_THAT(problem(R"({"a":{"type":"string","x-mcp-header":"A"},"b":{"type":"string","x-mcp-header":"a"}})"),
              HasSubstr("the same as that of another"));
  EXPECT_THAT(problem(R"({"a":{"type":"array","items":{"type":"string","x-mcp-header":"A"}}})"), HasSubstr(no_way));
  EXPECT_THAT(problem(R"({"a":{"anyOf":[{"type":"string","x-mcp-header":"A"}]}})"), HasSubstr(no_way));
  EXPECT_THAT(problem(R"({"a":{"$defs":{"d":{"properties":{"e":{"type":"string","x-mcp-header":"A"}}}}}})"),
              HasSubstr(no_way));
}

}  // namespace
}  // namespace gw::catalogue
