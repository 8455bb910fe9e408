#include "mcp/jsonrpc.h"

#include <gtest/gtest.h>

namespace gw::mcp {
namespace {

Message scanned(std::string_view text) {
  const auto message = scan(text);
  EXPECT_TRUE(message.has_value()) << text << (message ? "" : message.error().message);
  return message.value_or(Message());
}

Refusal refused(std::string_view text, const ScanLimits& limits = {}) {
  const auto message = scan(text, limits);
  EXPECT_FALSE(message.has_value()) << text;
  return message ? Refusal() : message.error();
}

TEST(Scan, TellsTheKindsApart) {
  EXPECT_EQ(scanned(R"({"jsonrpc":"2.0","id":1,"method":"ping"})").kind, Kind::request);
  EXPECT_EQ(scanned(R"({"jsonrpc":"2.0","method":"notifications/initialized"})").kind, Kind::notification);
  EXPECT_EQ(scanned(R"({"jsonrpc":"2.0","id":"a","result":{}})").kind, Kind::response);
  EXPECT_EQ(scanned(R"({"jsonrpc":"2.0","id":null,"error":{"code":-32700,"message":"x"}})").kind, Kind::error_response);
  EXPECT_EQ(scanned(R"([{"jsonrpc":"2.0","method":"a"}])").kind, Kind::batch);
}

TEST(Scan, IdsKeepTheirTypeAndTheirDigits) {
  EXPECT_EQ(scanned(R"({"jsonrpc":"2.0","id":1,"method":"x"})").id, "1");
  EXPECT_EQ(scanned(R"({"jsonrpc":"2.0","id": "1" ,"method":"x"})").id, "\"1\"");
  EXPECT_EQ(scanned(R"({"jsonrpc":"2.0","id":9007199254740993,"method":"x"})").id, "9007199254740993");
}

TEST(Scan, FindsWhatRoutingNeeds) {
  const auto call =
      scanned(R"({"method":"tools\/call","params":{"name":"add","arguments":{"name":"no","_meta":{"progressToken":9}},)"
              R"("_meta":{"progressToken":"t","io.modelcontextprotocol/protocolVersion":"2026-07-28",)"
              R"("io.modelcontextprotocol/clientCapabilities":{},"other":1}},"id":3,"jsonrpc":"2.0"})");
  EXPECT_EQ(call.method, "tools/call");
  EXPECT_EQ(call.name, "\"add\"");
  EXPECT_EQ(call.progress_token, "\"t\"");
  EXPECT_EQ(call.claimed_version, "\"2026-07-28\"");
  EXPECT_EQ(call.client_capabilities, "{}");
  EXPECT_EQ(scanned(R"({"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":7}})").request_id,
            "7");
  EXPECT_EQ(scanned(R"({"jsonrpc":"2.0","method":"notifications/progress","params":{"progressToken":7}})").progress,
            "7");
  const auto result =
      scanned(R"({"jsonrpc":"2.0","id":1,"result":{"protocolVersion":"2025-06-18","capabilities":{"tools":{}}}})");
  EXPECT_EQ(result.negotiated_version, "\"2025-06-18\"");
  EXPECT_EQ(result.server_capabilities, R"({"tools":{}})");
}

TEST(Scan, EscapedMemberNamesAreTheSameNames) {
  EXPECT_EQ(scanned(R"({"jsonrpc":"2.0","\u0069d":5,"method":"x"})").id, "5");
  EXPECT_EQ(refused(R"({"jsonrpc":"2.0","id":4,"\u0069d":5,"method":"x"})").code, code::invalid_request);
}

TEST(Scan, MalformedTextIsAParseError) {
  for (const auto* text : {"", "{", "{\"jsonrpc\":\"2.0\",}", "{} {}", "\"\xff\"", "{\"a\":\"\n\"}"}) {
    EXPECT_EQ(refused(text).code, code::parse_error) << text;
  }
}

TEST(Scan, WhatIsNoMessageIsAnInvalidRequest) {
  for (const auto* text :
       {"1", "{}", "[]", R"({"id":1,"method":"x"})", R"({"jsonrpc":"1.0","id":1,"method":"x"})",
        R"({"jsonrpc":"2.0","id":null,"method":"x"})", R"({"jsonrpc":"2.0","id":1.5,"method":"x"})",
        R"({"jsonrpc":"2.0","id":1,"method":2})", R"({"jsonrpc":"2.0","id":1,"method":"x","params":[1]})",
        R"({"jsonrpc":"2.0","id":1})", R"({"jsonrpc":"2.0","id":1,"result":{},"error":{}})",
        R"({"jsonrpc":"2.0","id":1,"method":"x","result":{}})", R"({"jsonrpc":"2.0","result":{}})",
        R"({"jsonrpc":"2.0","id":1,"error":"x"})",
        R"({"jsonrpc":"2.0","id":1,"method":"x","params":{"_meta":{"progressToken":{}}}})"}) {
    EXPECT_EQ(refused(text).code, code::invalid_request) << text;
  }
}

TEST(Scan, AMemberThatMattersMayNotOccurTwice) {
  const auto refusal = refused(R"({"jsonrpc":"2.0","id":1,"method":"x","params":{"name":"a","name":"b"}})");
  EXPECT_EQ(refusal.message, "Invalid request: the member \"name\" occurs more than once.");
  EXPECT_EQ(refused(R"({"jsonrpc":"2.0","id":1,"result":{"resultType":"complete","result\u0054ype":"x"}})").message,
            "Invalid request: the member \"result\\u0054ype\" occurs more than once.");
  EXPECT_EQ(refused(R"({"jsonrpc":"2.0","id":1,"result":{"_meta":{},"_meta":{}}})").message,
            "Invalid request: the member \"_meta\" occurs more than once.");
  EXPECT_EQ(refusal.id, "1");
  EXPECT_EQ(refused(R"({"jsonrpc":"2.0","id":1,"id":2,"method":"x"})").id, "");
  EXPECT_EQ(refused(R"({"jsonrpc":"2.0","id":1,"method":"x","params":{"_meta":{},"_meta":{}}})").id, "1");
  EXPECT_EQ(scanned(R"({"jsonrpc":"2.0","id":1,"method":"x","other":1,"other":2})").id, "1");
}

TEST(Scan, SizeAndDepthAreBounded) {
  const std::string text = R"({"jsonrpc":"2.0","id":1,"method":"x","params":{"a":[[[1]]]}})";
  EXPECT_EQ(refused(text, {.max_bytes = 10}).http_status, 413);
  EXPECT_EQ(refused(text, {.max_depth = 4}).code, code::invalid_request);
  EXPECT_TRUE(scan(text, {.max_depth = 5}).has_value());
  EXPECT_FALSE(scan(std::string(1 << 20, '[')).has_value());
}

TEST(Scan, ABatchIsSplitIntoItsMessages) {
  const auto batch = scanned(R"( [ {"jsonrpc":"2.0","id":1,"method":"a"} ,{"x":[1,2]}] )");
  ASSERT_EQ(batch.elements.size(), 2u);
  EXPECT_EQ(batch.elements[0], R"({"jsonrpc":"2.0","id":1,"method":"a"})");
  EXPECT_EQ(batch.elements[1], R"({"x":[1,2]})");
}

TEST(Splice, ChangesTheGivenSpansAndNothingElse) {
  const auto m =
      scanned(R"( {"z":1e400, "params":{"_meta":{"progressToken":"t"},"big":12345678901234567890,"a":1,"a":2},)"
              R"("method":"tools/call" ,"id" : "x", "jsonrpc":"2.0"} )");
  EXPECT_EQ(splice(m.text, {{m.id, "7"}, {m.progress_token, "8"}, {m.request_id, "9"}}),
            R"({"z":1e400, "params":{"_meta":{"progressToken":8},"big":12345678901234567890,"a":1,"a":2},)"
            R"("method":"tools/call" ,"id" : 7, "jsonrpc":"2.0"})");
}

TEST(Responses, AreValidMessages) {
  EXPECT_EQ(error_response("\"a\"", -32602, "say \"x\"", R"({"k":1})"),
            R"({"jsonrpc":"2.0","id":"a","error":{"code":-32602,"message":"say \"x\"","data":{"k":1}}})");
  EXPECT_EQ(error_response("", -32700, "no"), R"({"jsonrpc":"2.0","id":null,"error":{"code":-32700,"message":"no"}})");
  EXPECT_EQ(result_response("3", "{}"), R"({"jsonrpc":"2.0","id":3,"result":{}})");
  EXPECT_EQ(refused("{").body(),
            error_response("", -32700, "The message is not acceptable JSON: unexpected end at byte 1."));
}

}  // namespace
}  // namespace gw::mcp
