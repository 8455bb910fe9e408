#include "mcp/era.h"

#include <gtest/gtest.h>

namespace gw::mcp {
namespace {

constexpr std::string_view envelope =
    R"("_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":{}})";

std::string request(std::string_view method, std::string_view params) {
  return R"({"jsonrpc":"2.0","id":"q","method":")" + std::string(method) + R"(","params":{)" + std::string(params) +
         "}}";
}
std::string modern(std::string_view method, std::string_view more = {}) {
  return request(method, std::string(envelope) + std::string(more));
}

struct Verdict {
  std::optional<Era> era;
  int code = 0;
  bool operator==(const Verdict&) const = default;
};

Verdict classified(const std::string& text, const MirrorHeaders& headers = {}) {
  const auto message = scan(text);
  EXPECT_TRUE(message.has_value()) << text;
  if (!message) return {};
  const auto era = classify(*message, headers);
  return era ? Verdict{*era, 0} : Verdict{{}, era.error().code};
}

constexpr MirrorHeaders modern_header{.protocol_version = "2026-07-28"};
constexpr MirrorHeaders legacy_header{.protocol_version = "2025-06-18"};

TEST(Classify, TheBodyDecides) {
  EXPECT_EQ(classified(modern("tools/list")), (Verdict{Era::modern}));
  EXPECT_EQ(classified(modern("tools/list"), legacy_header), (Verdict{Era::modern}));
  EXPECT_EQ(classified(request("tools/list", "")), (Verdict{Era::legacy}));
  EXPECT_EQ(classified(request("tools/list", ""), legacy_header), (Verdict{Era::legacy}));
}

TEST(Classify, AModernHeaderWithoutAClaimIsAnErrorInRequestsOnly) {
  EXPECT_EQ(classified(request("tools/list", ""), modern_header), (Verdict{{}, code::invalid_params}));
  EXPECT_EQ(classified(R"({"jsonrpc":"2.0","method":"notifications/x"})", modern_header), (Verdict{Era::modern}));
  EXPECT_EQ(classified(R"({"jsonrpc":"2.0","id":1,"result":{}})", modern_header), (Verdict{{}, code::invalid_request}));
  EXPECT_EQ(classified(R"({"jsonrpc":"2.0","id":1,"result":{}})"), (Verdict{Era::legacy}));
}

TEST(Classify, InitializeIsLegacyUnlessItIsFullyModern) {
  EXPECT_EQ(classified(request("initialize", "")), (Verdict{Era::legacy}));
  EXPECT_EQ(classified(request("initialize", ""), modern_header), (Verdict{{}, code::header_mismatch}));
  EXPECT_EQ(classified(modern("initialize"), modern_header), (Verdict{Era::modern}));
}

TEST(Classify, BatchesAreLegacyAndHoldNoModernClaim) {
  EXPECT_EQ(classified("[" + request("ping", "") + "]"), (Verdict{Era::legacy}));
  EXPECT_EQ(classified("[" + request("ping", "") + "," + modern("tools/list") + "]"),
            (Verdict{{}, code::invalid_request}));
  EXPECT_EQ(classified("[1]"), (Verdict{{}, code::invalid_request}));
}

// The JSON-RPC code of the refusal, 0 for none.
int checked(const std::string& text, const MirrorHeaders& headers) {
  const auto message = scan(text);
  EXPECT_TRUE(message.has_value()) << text;
  if (!message) return -1;
  const auto refusal = check_modern(*message, headers);
  if (refusal) EXPECT_EQ(refusal->http_status, 400);
  if (refusal && message->kind == Kind::request) EXPECT_EQ(refusal->id, "\"q\"");
  return refusal ? refusal->code : 0;
}

MirrorHeaders headers(std::string_view method, std::optional<std::string_view> name = {}) {
  return {"2026-07-28", method, name};
}

TEST(CheckModern, AWellFormedRequestPasses) {
  EXPECT_EQ(checked(modern("tools/list"), headers("tools/list")), 0);
  EXPECT_EQ(checked(modern("tools/call", R"(,"name":"add")"), headers("tools/call", "add")), 0);
  EXPECT_EQ(checked(modern("resources/read", R"(,"uri":"test://é")"),
                    headers("resources/read", "=?base64?dGVzdDovL8OpCg==?=")),
            code::header_mismatch);
  EXPECT_EQ(
      checked(modern("resources/read", R"(,"uri":"test://é")"), headers("resources/read", "=?base64?dGVzdDovL8Op?=")),
      0);
}

TEST(CheckModern, TheEnvelopeComesFirst) {
  EXPECT_EQ(checked(request("tools/list", R"("_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28"})"), {}),
            code::invalid_params);
  EXPECT_EQ(checked(request("tools/list", R"("_meta":{"io.modelcontextprotocol/protocolVersion":7,)"
                                          R"("io.modelcontextprotocol/clientCapabilities":{}})"),
                    {}),
            code::invalid_params);
}

TEST(CheckModern, HeadersMustAgreeWithTheBody) {
  EXPECT_EQ(checked(modern("tools/list"), headers("TOOLS/LIST")), code::header_mismatch);
  EXPECT_EQ(checked(modern("tools/list"), MirrorHeaders{"2026-07-29", "tools/list", {}}), code::header_mismatch);
  EXPECT_EQ(checked(modern("tools/call", R"(,"name":"add")"), headers("tools/call", "sub")), code::header_mismatch);
  EXPECT_EQ(checked(modern("tools/call", R"(,"name":"add")"), headers("tools/call", "=?base64?YWRk=?=")),
            code::header_mismatch);
  EXPECT_EQ(checked(modern("tools/call"), headers("tools/call", "add")), code::header_mismatch);
}

TEST(CheckModern, RequiredHeadersMayNotBeMissing) {
  EXPECT_EQ(checked(modern("tools/list"), {}), code::header_mismatch);
  EXPECT_EQ(checked(modern("tools/list"), {.protocol_version = "2026-07-28"}), code::header_mismatch);
  EXPECT_EQ(checked(modern("tools/call", R"(,"name":"add")"), headers("tools/call")), code::header_mismatch);
}

TEST(CheckModern, AnUnknownRevisionIsRefusedWithTheSupportedOnes) {
  const auto text = request("tools/list", R"("_meta":{"io.modelcontextprotocol/protocolVersion":"2027-01-01",)"
                                          R"("io.modelcontextprotocol/clientCapabilities":{}})");
  const auto message = scan(text);
  ASSERT_TRUE(message.has_value());
  const auto refusal = check_modern(*message, {.protocol_version = "2027-01-01"});
  ASSERT_TRUE(refusal.has_value());
  EXPECT_EQ(refusal->code, code::unsupported_protocol_version);
  EXPECT_EQ(refusal->data, R"({"supported":["2026-07-28"],"requested":"2027-01-01"})");
}

TEST(CheckModern, ResponsesAndBatchesAreRefusedNotificationsPass) {
  EXPECT_EQ(checked(R"({"jsonrpc":"2.0","id":1,"result":{}})", {}), code::invalid_request);
  EXPECT_EQ(checked("[" + request("ping", "") + "]", {}), code::invalid_request);
  EXPECT_EQ(checked(R"({"jsonrpc":"2.0","method":"notifications/cancelled"})", {}), 0);
}

TEST(HeaderValue, OnlyACompleteSentinelIsDecoded) {
  EXPECT_EQ(decode_header_value("add"), "add");
  EXPECT_EQ(decode_header_value("=?base64?YWRk?="), "add");
  EXPECT_EQ(decode_header_value("=?BASE64?YWRk?="), "=?BASE64?YWRk?=");
  EXPECT_EQ(decode_header_value("=?base64?YWRk"), "=?base64?YWRk");
  EXPECT_EQ(decode_header_value("=?base64?"
                                "?="),
            "");
  for (const auto* bad :
       {"=?base64?YWR?=", "=?base64?YWR*?=", "=?base64?YQ=?=", "=?base64?__-_?=", "=?base64?YR==?="}) {
    EXPECT_EQ(decode_header_value(bad), std::nullopt) << bad;
  }
}

TEST(HeaderValue, WhatAHeaderCannotHoldTravelsInASentinel) {
  EXPECT_EQ(encode_header_value("get-weather 2"), "get-weather 2");
  EXPECT_EQ(encode_header_value("file:///a%20b?c=d"), "file:///a%20b?c=d");
  EXPECT_EQ(encode_header_value("\xC3\xA9"), "=?base64?w6k=?=");
  for (const auto* const text :
       {"\xC3\xA9t\xC3\xA9", " leading", "trailing ", "a\nb", "\t", "=?base64?YWRk?=", "", "\x7F"}) {
    const std::string encoded = encode_header_value(text);
    EXPECT_EQ(decode_header_value(encoded), text);
    EXPECT_EQ(encoded.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=?"),
              std::string::npos)
        << encoded;
  }
}

}  // namespace
}  // namespace gw::mcp
