#include "tools/call_request.h"

#include <gtest/gtest.h>

namespace gw::tools {
namespace {

using Place = model::ToolParameter::Place;

CallRequest make(const model::ToolSpec& tool, std::string_view arguments, std::string_view target = "/v1/score") {
  auto request = make_request(tool, target, arguments);
  EXPECT_TRUE(request) << (request ? "" : request.error().message());
  return request ? *std::move(request) : CallRequest();
}

TEST(CallRequest, ArgumentsAreTheBodyByteForByte) {
  const std::string arguments = R"( {"n": 9007199254740993,  "x":1.0, "a":"\u0041"})";
  const auto request = make({}, arguments);
  EXPECT_EQ(request.target, "/v1/score");
  EXPECT_EQ(request.body(), arguments);
  EXPECT_EQ(request.fields, "");
}

TEST(CallRequest, ParametersLeaveTheBody) {
  const model::ToolSpec tool{.method = "PUT",
                             .parameters = {{"id", Place::path, "pet-id"},
                                            {"tags", Place::query, "tag"},
                                            {"dry", Place::query, ""},
                                            {"trace", Place::header, "X-Trace"},
                                            {"absent", Place::query, ""},
                                            {"nothing", Place::query, ""}}};
  const auto request = make(
      tool, R"({"id":"a/b é?","tags":["x y","&"],"dry":true,"trace":"1\r\nHost: evil é","name":1.50,"nothing":null})",
      "/v1/pets/{pet-id}/toys?key=k");
  EXPECT_EQ(request.target, "/v1/pets/a%2Fb%20%C3%A9%3F/toys?key=k&tag=x%20y&tag=%26&dry=true");
  EXPECT_EQ(request.fields, "X-Trace: 1%0D%0AHost: evil %C3%A9\r\n");
  EXPECT_EQ(request.body(), R"({"name":1.50})");
}

TEST(CallRequest, OneArgumentMayBeTheWholeBody) {
  const model::ToolSpec tool{.method = "POST", .body_argument = "body"};
  EXPECT_EQ(make(tool, R"({"body": [1, 2.0] })").body(), "[1, 2.0]");
  EXPECT_FALSE(make(tool, "{}").body());
}

TEST(CallRequest, WithoutABodyArgumentsGoIntoTheQuery) {
  const model::ToolSpec tool{.method = "GET"};
  const auto request = make(tool, R"({"q":"a+b","n":9007199254740993,"o":{"k":1}})", "/find");
  EXPECT_EQ(request.target, "/find?q=a%2Bb&n=9007199254740993&o=%7B%22k%22%3A1%7D");
  EXPECT_FALSE(request.body());
}

TEST(CallRequest, NothingEscapesFromItsPlaceInThePath) {
  const model::ToolSpec tool{.parameters = {{"x", Place::path, ""}}};
  for (const char* bad : {R"({"x":".."})", R"({"x":"."})", R"({"x":""})", R"({"x":null})", "{}", R"({"x":"../{x}?#"})",
                          R"({"x":"a/../../b"})", R"({"x":"a\\.."})", R"({"x":"./"})", R"({"x":["b",".."]})"}) {
    const auto request = make_request(tool, "/a/{x}/b", bad);
    ASSERT_FALSE(request) << bad;
    EXPECT_EQ(request.error().code(), Errc::invalid);
    EXPECT_EQ(request.error().field(), "/x");
  }
  EXPECT_EQ(make(tool, R"({"x":"..a/{x}?#"})", "/a/{x}/b").target, "/a/..a%2F%7Bx%7D%3F%23/b");
  EXPECT_EQ(make(tool, R"({"x":[1,"b"]})", "/a/{x}/b").target, "/a/1,b/b");
}

TEST(CallRequest, ValuesMakeNoStepOfDotsTogether) {
  const model::ToolSpec tool{.parameters = {{"x", Place::path, ""}, {"y", Place::path, ""}}};
  for (const char* path : {"/a/{x}{y}", "/a/{x}../{y}", "/a/{x}b/{y}.."}) {
    const auto request = make_request(tool, path, R"({"x":"c/","y":"d\\"})");
    EXPECT_EQ(request.has_value(), std::string_view(path) == "/a/{x}{y}") << path;
    if (!request) EXPECT_EQ(request.error().field(), "/y") << path;
  }
  EXPECT_EQ(make(tool, R"({"x":"a.","y":".b"})", "/{x}{y}").target, "/a..b");
}

TEST(CallRequest, WhatIsLeftOfNothingIsNoBodyOrAnEmptyOne) {
  model::ToolSpec tool{.method = "DELETE", .parameters = {{"x", Place::path, ""}}};
  EXPECT_FALSE(make(tool, R"({"x":1})", "/{x}").body());
  for (const char* method : {"POST", "PUT", "PATCH"}) {
    tool.method = method;
    EXPECT_EQ(make(tool, R"({"x":1})", "/{x}").body(), "{}") << method;
  }
}

}  // namespace
}  // namespace gw::tools
