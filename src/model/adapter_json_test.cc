#include "model/adapter_json.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "json/json.h"

namespace gw::model {
namespace {

using ::testing::ElementsAre;

std::vector<std::string> problems_of(std::string_view body) {
  std::vector<std::string> found;
  if (const auto spec = read_adapter(body); !spec) {
    for (const auto& problem : spec.error()) found.push_back(problem.field + ": " + problem.message);
  }
  return found;
}

AdapterSpec spec_of(std::string_view body) {
  const auto spec = read_adapter(body);
  EXPECT_TRUE(spec) << spec.error().front().field << ": " << spec.error().front().message;
  return spec.value_or(AdapterSpec{});
}

TEST(AdapterJson, ReadsAServerThatIsReachedByUrl) {
  const auto spec = spec_of(R"({"name":"docs","url":"https://example.org/mcp","transport":"sse",
    "headers":{"Authorization":"Bearer ${env:T}"},"limits":{"responseTimeout":"90s"}})");
  ASSERT_TRUE(spec.url);
  EXPECT_EQ(spec.url->url, "https://example.org/mcp");
  EXPECT_EQ(spec.transport, Transport::sse);
  EXPECT_EQ(spec.limits.response_timeout, std::chrono::seconds(90));
}

TEST(AdapterJson, ACommandSpeaksStdioUnlessToldOtherwise) {
  EXPECT_EQ(spec_of(R"({"name":"a","command":"node","args":["s.js"]})").transport, Transport::stdio);
  EXPECT_EQ(spec_of(R"({"name":"a","command":"node","transport":"http"})").command->path, "/mcp");
}

TEST(AdapterJson, ReadsTheEstablishedShape) {
  const auto spec = spec_of(R"({"name":"m","imageName":"mcp-example","imageVersion":"1.0.0",
    "environmentVariables":{"A":"b"},"replicaCount":2,"description":"d","useWorkloadIdentity":true,"requiredRoles":["r"]})");
  ASSERT_TRUE(spec.image);
  EXPECT_EQ(spec.image->version, "1.0.0");
  EXPECT_EQ(spec.replica_count, 2u);
  EXPECT_TRUE(spec.use_workload_identity);
}

TEST(AdapterJson, EveryMistakeIsNamedAtOnce) {
  EXPECT_THAT(
      problems_of(R"({"name":7,"ulr":"x","replicaCount":-1,"limits":{"idleTimeout":"5"}})"),
      ElementsAre("name: expected a string, found a number", "ulr: 'ulr' is not known here; did you mean 'url'?",
                  "replicaCount: -1 is not a whole number between 0 and 100",
                  "limits.idleTimeout: '5' is not a duration; write a number with a unit, such as 250ms, 30s, 5m "
                  "or 1h30m"));
  EXPECT_THAT(
      problems_of(R"({"name":"a","url":"http://h/","args":["x"],"cwd":"/"})"),
      ElementsAre("args: 'args' is only for servers with 'command'", "cwd: 'cwd' is only for servers with 'command'"));
}

TEST(AdapterJson, SyntaxErrorsHaveAPlace) {
  EXPECT_THAT(problems_of("{\"name\":"),
              ElementsAre(::testing::StartsWith(": line 1, column 9: the text ends too early")));
}

boost::json::object shown(const Adapter& adapter) {
  const auto resource = json::parse(resource_text(adapter));
  return resource ? resource->as_object() : boost::json::object();
}

Adapter example() {
  Adapter adapter{.spec = spec_of(R"({"name":"docs","url":"https://example.org/mcp",
                    "headers":{"A":"Bearer ${env:T}","B":"secret"}})"),
                  .uid = "u",
                  .created_by = "me"};
  return adapter;
}

TEST(AdapterJson, AnswersHaveTheEstablishedMembersFirst) {
  std::vector<std::string> names;
  const auto resource = shown(example());
  for (const auto& [name, value] : resource) names.emplace_back(name);
  names.resize(13);
  EXPECT_THAT(names, ElementsAre("id", "name", "imageName", "imageVersion", "environmentVariables", "replicaCount",
                                 "description", "useWorkloadIdentity", "requiredRoles", "createdBy", "createdAt",
                                 "lastUpdatedAt", "url"));
  EXPECT_TRUE(resource.at("imageName").is_null());
  EXPECT_EQ(resource.at("createdAt"), "1970-01-01T00:00:00.000Z");
  EXPECT_EQ(resource.at("origin"), "api");
}

TEST(AdapterJson, SecretsAreNotShownAndSurviveARoundTrip) {
  const Adapter adapter = example();
  const auto resource = shown(adapter);
  EXPECT_EQ(resource.at("headers").at("A"), "Bearer ${env:T}");
  EXPECT_EQ(resource.at("headers").at("B"), "***");
  const auto again = read_adapter(json::to_text(resource), &adapter.spec);
  ASSERT_TRUE(again) << again.error().front().message;
  EXPECT_EQ(*again, adapter.spec);
}

TEST(AdapterJson, ARedactedValueWithoutAStoredOneIsRefused) {
  EXPECT_THAT(problems_of(R"({"name":"a","url":"http://h/","headers":{"X":"***"}})"),
              ElementsAre("headers.X: '***' stands for a stored value that is not shown, and there is none to keep for "
                          "this URL; give the value"));
}

TEST(AdapterJson, ARedactedValueDoesNotFollowTheUrlToAnotherOrigin) {
  const Adapter adapter = example();
  auto resource = shown(adapter);
  resource["url"] = "https://example.org/other";
  EXPECT_TRUE(read_adapter(json::to_text(resource), &adapter.spec));
  resource["url"] = "https://evil.example.org/mcp";
  EXPECT_FALSE(read_adapter(json::to_text(resource), &adapter.spec));
}

TEST(AdapterJson, TheStoreKeepsEverything) {
  const AdapterSpec spec = example().spec;
  const auto again = spec_of_stored_text(stored_text(spec));
  ASSERT_TRUE(again);
  EXPECT_EQ(*again, spec);
  EXPECT_EQ(spec_of_stored_text("{}").error().code(), Errc::internal);
}

TEST(AdapterJson, TheSchemaOfAnswersNamesEveryMember) {
  const auto schema = resource_schema(adapter_object());
  for (const auto& [name, value] : shown(example())) {
    EXPECT_TRUE(schema.at("properties").as_object().contains(name)) << name;
  }
  EXPECT_TRUE(schema.at("properties").at("url").as_object().contains("anyOf"));
}

}  // namespace
}  // namespace gw::model
