#include "openapi/import.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <boost/json.hpp>

#include "json/json.h"
#include "openapi/document.h"
#include "openapi/yaml_text.h"

namespace gw::openapi {
namespace {

using boost::json::value;
using testing::ElementsAre;
using testing::HasSubstr;

constexpr std::string_view pets = R"(
openapi: 3.0.3
info: { title: Pets, version: "1" }
servers:
  - url: https://{region}.pets.test/v1
    variables: { region: { default: eu } }
security:
  - petKey: []
paths:
  /pets:
    parameters:
      - { name: trace, in: header, schema: { type: string } }
    get:
      operationId: listPets
      summary: List pets
      description: All of them.
      parameters:
        - { name: limit, in: query, description: How many, schema: { type: integer, maximum: 100, exclusiveMaximum: true } }
        - { name: tags, in: query, required: true, schema: { type: array, items: { type: string } } }
        - { name: session, in: cookie, schema: { type: string } }
        - { name: x-pet-key, in: header, schema: { type: string } }
      responses:
        "200": { content: { application/json: { schema: { type: array, items: { $ref: "#/components/schemas/Pet" } } } } }
    post:
      operationId: createPet
      security: [ { token: [] } ]
      requestBody:
        required: true
        content: { application/json: { schema: { $ref: "#/components/schemas/Pet" } } }
      callbacks: { done: {} }
      responses:
        "201": { content: { application/json: { schema: { $ref: "#/components/schemas/Pet" } } } }
  /pets/{id}:
    parameters: [ { $ref: "#/components/parameters/Id" } ]
    put:
      operationId: replacePet
      requestBody:
        content: { application/json: { schema: { type: array, items: { type: integer } } } }
      responses: { "204": { description: done } }
    delete:
      responses: { default: { description: gone } }
  /pets/{id}/photo:
    post:
      operationId: uploadPhoto
      parameters: [ { $ref: "#/components/parameters/Id" } ]
      requestBody: { required: true, content: { multipart/form-data: { schema: { type: object } } } }
components:
  parameters:
    Id: { name: id, in: path, required: true, schema: { type: integer, format: int64 } }
  securitySchemes:
    petKey: { type: apiKey, in: header, name: X-Pet-Key }
    token: { type: http, scheme: bearer }
  schemas:
    Pet:
      type: object
      required: [ id, name ]
      properties:
        id: { type: integer, readOnly: true, example: 9007199254740993 }
        name: { type: string }
        owner: { type: string, nullable: true }
)";

Imported import(std::string_view text, const ImportOptions& options = {}) {
  auto imported = import_tools(text, options);
  EXPECT_TRUE(imported) << (imported ? "" : imported.error().message());
  return imported ? *std::move(imported) : Imported();
}

// The tools of a file as they would be read from it.
value tools_of(const Imported& imported) {
  const auto document = Document::parse("openapi: 3.1.0\n" + imported.yaml);
  EXPECT_TRUE(document) << imported.yaml;
  return document ? *member(document->root(), "tools") : value(boost::json::array());
}

value tool_called(const Imported& imported, std::string_view name) {
  for (const value& tool : tools_of(imported).as_array()) {
    if (text_of(tool, "name") == name) return tool;
  }
  ADD_FAILURE() << "there is no tool " << name << " in\n" << imported.yaml;
  return nullptr;
}

std::string json_at(const value& tool, std::string_view pointer) {
  boost::system::error_code error;
  const value* const found = tool.find_pointer({pointer.data(), pointer.size()}, error);
  return found ? json::to_text(*found) : "nothing";
}

// A document with one operation, whose body is the schema.
std::string with_body(std::string_view schema, std::string_view components = "{}") {
  return fmt::format(R"({{"openapi":"3.1.0","servers":[{{"url":"https://s.test"}}],"paths":{{"/x":{{"post":{{
    "operationId":"x","requestBody":{{"required":true,"content":{{"application/json":{{"schema":{}}}}}}}}}}}}},
    "components":{{"schemas":{}}}}})",
                     schema, components);
}

TEST(OpenApiImport, EachOperationIsATool) {
  const Imported imported = import(pets);
  EXPECT_EQ(imported.tools, 4u);
  const value tool = tool_called(imported, "list-pets");
  EXPECT_EQ(text_of(tool, "url"), "https://eu.pets.test/v1");
  EXPECT_EQ(json_at(tool, "/headers"), R"({"X-Pet-Key":"${env:OPENAPI_PETKEY}"})");
  EXPECT_EQ(json_at(tool, "/toolDefinition/path"), R"("/pets")");
  EXPECT_EQ(json_at(tool, "/toolDefinition/method"), R"("GET")");
  EXPECT_EQ(
      json_at(tool, "/toolDefinition/parameters"),
      R"([{"argument":"limit","in":"query"},{"argument":"tags","in":"query"},{"argument":"trace","in":"header"}])");
  EXPECT_EQ(json_at(tool, "/toolDefinition/tool"),
            R"({"name":"list-pets","title":"List pets","description":"List pets\n\nAll of them.",)"
            R"("inputSchema":{"type":"object","properties":{"limit":{"type":"integer","exclusiveMaximum":100,)"
            R"("description":"How many"},"tags":{"type":"array","items":{"type":"string"}},"trace":{"type":"string"}},)"
            R"("required":["tags"],"additionalProperties":false},"annotations":{"readOnlyHint":true}})");
}

TEST(OpenApiImport, TheMembersOfABodyStandBesideTheParameters) {
  const value tool = tool_called(import(pets), "create-pet");
  EXPECT_EQ(json_at(tool, "/headers"), R"({"Authorization":"Bearer ${env:OPENAPI_TOKEN}"})");
  EXPECT_EQ(json_at(tool, "/toolDefinition/tool/inputSchema"),
            R"({"type":"object","properties":{"trace":{"type":"string"},"name":{"type":"string"},)"
            R"("owner":{"type":["string","null"]}},"required":["name"]})");
  EXPECT_EQ(json_at(tool, "/toolDefinition/tool/outputSchema"),
            R"({"type":"object","required":["id","name"],"properties":{"id":{"type":"integer","readOnly":true,)"
            R"("examples":[9007199254740993]},"name":{"type":"string"},"owner":{"type":["string","null"]}}})");
  EXPECT_EQ(json_at(tool, "/toolDefinition/bodyArgument"), "nothing");
}

TEST(OpenApiImport, AnyOtherBodyIsOneArgument) {
  const value tool = tool_called(import(pets), "replace-pet");
  EXPECT_EQ(json_at(tool, "/toolDefinition/bodyArgument"), R"("body")");
  EXPECT_EQ(json_at(tool, "/toolDefinition/tool/inputSchema"),
            R"({"type":"object","properties":{"id":{"type":"integer","format":"int64"},)"
            R"("body":{"type":"array","items":{"type":"integer"}}},"required":["id"],"additionalProperties":false})");
  EXPECT_EQ(json_at(tool, "/toolDefinition/tool/annotations"), R"({"idempotentHint":true})");
  const value nameless = tool_called(import(pets), "delete-pets-id");
  EXPECT_EQ(json_at(nameless, "/toolDefinition/tool/annotations"), R"({"destructiveHint":true,"idempotentHint":true})");
}

TEST(OpenApiImport, SaysWhatCouldNotBeImported) {
  EXPECT_THAT(
      import(pets).warnings,
      ElementsAre("security scheme 'petKey': put the key into the environment variable OPENAPI_PETKEY; it is sent to "
                  "eu.pets.test",
                  "GET /pets: the parameter 'session' is in a cookie, where nothing can be put, and was left out",
                  "security scheme 'token': put the token into the environment variable OPENAPI_TOKEN; it is sent to "
                  "eu.pets.test",
                  "POST /pets: its callbacks are not imported",
                  "POST /pets/{id}/photo was left out: its body is not JSON (multipart/form-data)"));
}

TEST(OpenApiImport, RecursiveSchemasAreDefinitions) {
  const Imported imported = import(with_body(
      R"({"$ref":"#/components/schemas/Tree"})",
      R"({"Tree":{"type":"object","required":["value"],"properties":{"value":{"$ref":"#/components/schemas/Value"},
          "children":{"type":"array","items":{"$ref":"#/components/schemas/Tree"}}}},"Value":{"type":"number"}})"));
  const value tool = tool_called(imported, "x");
  EXPECT_EQ(json_at(tool, "/toolDefinition/tool/inputSchema"),
            R"({"type":"object","properties":{"body":{"$ref":"#/$defs/Tree"}},"required":["body"],)"
            R"("additionalProperties":false,"$defs":{"Tree":{"type":"object","required":["value"],"properties":)"
            R"({"value":{"type":"number"},"children":{"type":"array","items":{"$ref":"#/$defs/Tree"}}}}}})");
}

TEST(OpenApiImport, SchemasThatReferToEachOtherEnd) {
  const Imported imported = import(with_body(
      R"({"type":"object","properties":{"a":{"$ref":"#/components/schemas/A"}}})",
      R"({"A":{"properties":{"b":{"$ref":"#/components/schemas/B"}}},"B":{"items":{"$ref":"#/components/schemas/A"}}})"));
  EXPECT_EQ(json_at(tool_called(imported, "x"), "/toolDefinition/tool/inputSchema/$defs"),
            R"({"A":{"properties":{"b":{"$ref":"#/$defs/B"}}},"B":{"items":{"$ref":"#/$defs/A"}}})");
}

TEST(OpenApiImport, SchemasThatDoubleWithEveryReferenceStaySmall) {
  std::string components = R"({"S0":{"type":"string"})";
  for (int i = 1; i < 30; ++i) {
    components += fmt::format(R"(,"S{0}":{{"properties":{{"a":{{"$ref":"#/components/schemas/S{1}"}},)"
                              R"("b":{{"$ref":"#/components/schemas/S{1}"}}}}}})",
                              i, i - 1);
  }
  const Imported imported = import(with_body(R"({"$ref":"#/components/schemas/S29"})", components + "}"));
  EXPECT_LT(imported.yaml.size(), 400'000u);
}

TEST(OpenApiImport, CompositionsAreKept) {
  const Imported imported = import(with_body(
      R"({"allOf":[{"$ref":"#/components/schemas/Base"},{"properties":{"b":{"type":"integer","minimum":0,
          "exclusiveMinimum":true}}}],"discriminator":{"propertyName":"kind"}})",
      R"({"Base":{"type":"object","properties":{"a":{"type":"string","nullable":true,"enum":["x"]}}}})"));
  EXPECT_EQ(json_at(tool_called(imported, "x"), "/toolDefinition/tool/inputSchema/properties/body"),
            R"({"allOf":[{"type":"object","properties":{"a":{"type":["string","null"],"enum":["x",null]}}},)"
            R"({"properties":{"b":{"type":"integer","exclusiveMinimum":0}}}]})");
}

TEST(OpenApiImport, WhatStandsBesideAReferenceCounts) {
  const Imported imported = import(with_body(
      R"({"type":"object","properties":{"a":{"$ref":"#/components/schemas/S","description":"An a."},
          "b":{"$ref":"#/components/schemas/S","maxLength":3}}})",
      R"({"S":{"type":"string","description":"Text."}})"));
  EXPECT_EQ(json_at(tool_called(imported, "x"), "/toolDefinition/tool/inputSchema/properties"),
            R"({"a":{"type":"string","description":"An a."},)"
            R"("b":{"maxLength":3,"allOf":[{"type":"string","description":"Text."}]}})");
}

TEST(OpenApiImport, LostReferencesAndPatternsAreNamed) {
  const Imported imported = import(with_body(
      R"s({"type":"object","properties":{"a":{"$ref":"other.yaml#/A"},"b":{"type":"string","pattern":"(?!x)"}}})s"));
  EXPECT_THAT(imported.warnings, ElementsAre(HasSubstr("POST /x: the reference 'other.yaml#/A' leads to nothing"),
                                             HasSubstr("POST /x: a pattern was left out: ")));
}

TEST(OpenApiImport, SchemasThatAreNoneLeaveTheirOperationOut) {
  const auto imported = import_tools(with_body(R"({"type":"object","properties":{"a":{"type":"float"}}})"));
  ASSERT_FALSE(imported);
  EXPECT_THAT(imported.error().message(), HasSubstr("POST /x was left out: its inputSchema is not valid: "
                                                    "/properties/a/type: is \"float\""));
}

TEST(OpenApiImport, ServerPrefixAndPatternsAreTheCallers) {
  const Imported imported =
      import(pets, {.server = "https://other.test", .prefix = "zoo", .only = {"list*", "PUT /pets/*"}});
  EXPECT_EQ(imported.tools, 2u);
  EXPECT_EQ(text_of(tool_called(imported, "zoo-list-pets"), "url"), "https://other.test");
  EXPECT_EQ(json_at(tool_called(imported, "zoo-replace-pet"), "/toolDefinition/tool/name"), R"("zoo-replace-pet")");
}

TEST(OpenApiImport, NamesakesAreToldApart) {
  const Imported imported = import(R"({"openapi":"3.0.0","servers":[{"url":"https://s.test"}],"paths":{
      "/a":{"get":{"operationId":"do_it"}},"/b:run":{"post":{"operationId":"doIt"}}}})");
  EXPECT_EQ(json_at(tool_called(imported, "do-it-2"), "/toolDefinition/path"), R"("/b%3Arun")");
}

TEST(OpenApiImport, TwoParametersOfOneNameAreTwoArguments) {
  const Imported imported = import(R"({"openapi":"3.0.0","servers":[{"url":"https://s.test"}],"paths":{
      "/a/{id}":{"get":{"operationId":"a","parameters":[{"name":"id","in":"path","required":true},
      {"name":"id","in":"query","style":"spaceDelimited"}]}}}})");
  EXPECT_EQ(json_at(tool_called(imported, "a"), "/toolDefinition/parameters"),
            R"([{"argument":"id","in":"path"},{"argument":"query_id","in":"query","name":"id"}])");
  EXPECT_THAT(imported.warnings, ElementsAre(HasSubstr("not written in its style (spaceDelimited)")));
}

TEST(OpenApiImport, OperationsThatTheGatewayRefusesAreLeftOut) {
  const Imported imported = import(R"({"openapi":"3.0.0","servers":[{"url":"https://s.test"}],"paths":{
      "/a/../b":{"get":{"operationId":"dots"}},
      "/c":{"get":{"operationId":"c","parameters":[{"name":"a b","in":"header"}]}},
      "/d":{"servers":[{"url":"https://a b/"}],"get":{"operationId":"d"}},
      "/e":{"get":{"operationId":"e"}}}})");
  EXPECT_EQ(imported.tools, 1u);
  EXPECT_THAT(imported.warnings,
              ElementsAre(HasSubstr("GET /a/../b was left out: the gateway refuses it: toolDefinition.path: "),
                          HasSubstr("GET /c was left out: the gateway refuses it: toolDefinition.parameters[0]"),
                          HasSubstr("GET /d was left out: the gateway refuses it: url: ")));
}

TEST(OpenApiImport, ArgumentsSetNoHeadersThatSayWhoAsks) {
  const Imported imported = import(R"({"openapi":"3.0.0","servers":[{"url":"https://s.test"}],"paths":{
      "/a":{"get":{"operationId":"a","parameters":[{"name":"X_Forwarded_For","in":"header"},
      {"name":"Accept","in":"header"},{"name":"X-Trace","in":"header"}]}}}})");
  EXPECT_EQ(json_at(tool_called(imported, "a"), "/toolDefinition/parameters"),
            R"([{"argument":"X-Trace","in":"header"}])");
  EXPECT_THAT(imported.warnings, ElementsAre("GET /a: the parameter 'X_Forwarded_For' is a header that arguments "
                                             "cannot set, and was left out"));
}

TEST(OpenApiImport, WarningsNameTheHostThatGetsACredential) {
  const Imported imported = import(R"({"openapi":"3.0.0","servers":[{"url":"https://s.test:8443/v1"}],
      "security":[{"aws secret":[]}],"paths":{"/a":{"get":{}},"/b":{"get":{}},
      "/c":{"servers":[{"url":"https://other.test"}],"get":{}}},
      "components":{"securitySchemes":{"aws secret":{"type":"http","scheme":"bearer"}}}})");
  EXPECT_THAT(imported.warnings,
              ElementsAre("security scheme 'aws secret': put the token into the environment variable "
                          "OPENAPI_AWS_SECRET; it is sent to s.test:8443",
                          "security scheme 'aws secret': put the token into the environment variable "
                          "OPENAPI_AWS_SECRET; it is sent to other.test"));
}

TEST(OpenApiImport, RefusesWhatIsNoOpenApi) {
  EXPECT_THAT(import_tools(R"({"swagger":"2.0"})").error().message(), HasSubstr("convert it to OpenAPI 3.0"));
  EXPECT_THAT(import_tools("a: [").error().message(), HasSubstr("line "));
  EXPECT_THAT(import_tools("{}").error().message(), HasSubstr("'openapi' is missing"));
  EXPECT_THAT(import_tools(R"({"openapi":"3.1.0","servers":[{"url":"/v1"}],"paths":{}})").error().message(),
              HasSubstr("its server is '/v1', which is no absolute URL; say where the service is with --server URL"));
  EXPECT_THAT(import_tools(pets, {.only = {"nothing"}}).error().message(), HasSubstr("none fits the patterns"));
}

TEST(YamlText, IsReadAsWhatWasWritten) {
  const value original = boost::json::parse(
      R"({"a":{"yes":"no","n":1,"s":"a: b # c","e":{},"l":[]},"list":[{"x":[1,[2]]},"t\nu",null,true,"null"],"5":"5","":""})");
  const auto again = Document::parse("openapi: 3.1.0\n" + yaml_text(original));
  ASSERT_TRUE(again);
  boost::json::object expected{{"openapi", "3.1.0"}};
  for (const auto& [name, content] : original.as_object()) expected[name] = content;
  EXPECT_EQ(again->root(), value(expected)) << yaml_text(original);
}

}  // namespace
}  // namespace gw::openapi
