#include "tools/call_result.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace gw::tools {
namespace {

using testing::HasSubstr;

std::string result(std::string type, std::string body, int status = 200) {
  return call_result(
      "t", {.status = status, .content_type = std::move(type), .content_encoding = {}, .body = std::move(body)},
      nullptr);
}

std::string with_output(std::string type, std::string body) {
  const auto schema = jsonschema::Schema::compile(
      R"({"type":"object","properties":{"n":{"type":"integer","minimum":9007199254740993}},"required":["n"]})");
  return call_result("t", {.content_type = std::move(type), .content_encoding = {}, .body = std::move(body)}, &*schema);
}

TEST(CallResult, JsonIsTextInItsOwnBytes) {
  EXPECT_EQ(result("application/json; charset=utf-8", " {\"n\": 9007199254740993, \"x\":1.0}\n"),
            R"({"content":[{"type":"text","text":"{\"n\": 9007199254740993, \"x\":1.0}"}]})");
  EXPECT_EQ(result("application/vnd.a+json", "[1]"), R"({"content":[{"type":"text","text":"[1]"}]})");
}

TEST(CallResult, WithAnOutputSchemaJsonIsStructuredContentToo) {
  EXPECT_EQ(with_output("application/json", R"({"n": 9007199254740993, "x":1.0} )"),
            R"({"content":[{"type":"text","text":"{\"n\": 9007199254740993, \"x\":1.0}"}],)"
            R"("structuredContent":{"n": 9007199254740993, "x":1.0}})");
}

TEST(CallResult, AnAnswerThatBreaksThePromiseOfTheSchemaSaysHow) {
  EXPECT_EQ(
      with_output("application/json", R"({"n": 9007199254740992})"),
      R"({"content":[{"type":"text","text":"The server's answer does not satisfy the outputSchema of the tool:\u000a)"
      R"(/n: is 9007199254740992, must be at least 9007199254740993"}],"isError":true})");
  EXPECT_THAT(with_output("text/plain", "5"), HasSubstr("answered text/plain where the outputSchema"));
  EXPECT_THAT(with_output("", ""), HasSubstr("answered nothing where the outputSchema"));
}

TEST(CallResult, TextAndMediaAreContentOfTheirKind) {
  EXPECT_EQ(result("text/plain", "a\n\"b\""), R"({"content":[{"type":"text","text":"a\u000a\"b\""}]})");
  EXPECT_EQ(result("text/plain; charset=ISO-8859-1", "\xe9"), R"({"content":[{"type":"text","text":"é"}]})");
  EXPECT_EQ(result("application/xml", "<a/>"), R"({"content":[{"type":"text","text":"<a/>"}]})");
  EXPECT_EQ(result("", "plain"), R"({"content":[{"type":"text","text":"plain"}]})");
  EXPECT_EQ(result("image/PNG", "\x89PN"), R"({"content":[{"type":"image","data":"iVBO","mimeType":"image/png"}]})");
  EXPECT_EQ(result("audio/wav", "RI"), R"({"content":[{"type":"audio","data":"Ukk=","mimeType":"audio/wav"}]})");
  EXPECT_EQ(result("application/pdf", "%P"),
            R"({"content":[{"type":"resource","resource":{"uri":"tool:t/result","mimeType":"application/pdf",)"
            R"("blob":"JVA="}}]})");
  EXPECT_THAT(result("", "\xff\xfe"), HasSubstr("application/octet-stream"));
}

TEST(CallResult, NothingIsAnEmptyText) {
  EXPECT_EQ(result("", "", 204), R"({"content":[{"type":"text","text":""}]})");
  EXPECT_EQ(result("application/json", ""), R"({"content":[{"type":"text","text":""}]})");
}

TEST(CallResult, JsonThatIsNoneIsAnError) {
  EXPECT_EQ(
      result("application/json", "{oops"),
      R"({"content":[{"type":"text","text":"the server's answer says that it is application/json and is not JSON: )"
      R"({oops"}],"isError":true})");
}

TEST(CallResult, ErrorsSayStatusAndReason) {
  EXPECT_EQ(result("text/plain", "no such pet", 404),
            R"({"content":[{"type":"text","text":"the server answered 404 Not Found: no such pet"}],"isError":true})");
  EXPECT_THAT(result("application/problem+json", R"({"title":"Bad pet","detail":"age is negative","errors":[1]})", 422),
              HasSubstr(R"(Bad pet: age is negative\u000a{\"title\")"));
  EXPECT_THAT(result("application/json", R"({"error":{"message":"quota"}})", 429),
              HasSubstr("429 Too Many Requests: quota"));
  EXPECT_THAT(result("", "", 302), HasSubstr("302 Found; redirects are not followed"));
  EXPECT_THAT(result("application/octet-stream", "\x01\x02", 500), HasSubstr("500 Internal Server Error\""));
}

TEST(CallResult, ReasonsAreBounded) {
  std::string body;
  for (int i = 0; i < 5'000; ++i) body += "é";
  const std::string text = result("text/html", body, 500);
  EXPECT_LT(text.size(), 2'200U);
  EXPECT_THAT(text, HasSubstr("é…\""));
}

TEST(CallResult, CompressedAnswersAreRefused) {
  const std::string text = call_result("t", {.content_encoding = "gzip", .body = "\x1f\x8b"}, nullptr);
  EXPECT_THAT(text, HasSubstr("is compressed (gzip)"));
}

}  // namespace
}  // namespace gw::tools
