#include "stdio/era_probe.h"

#include <gtest/gtest.h>

namespace gw::stdio {
namespace {

std::optional<mcp::Era> era_of(std::string_view text) {
  return era_of_answer(*mcp::scan(text));
}

TEST(EraProbe, IsAWellFormedModernRequest) {
  const std::string text = era_probe_request();
  const auto message = mcp::scan(text);
  ASSERT_TRUE(message.has_value());
  const auto refusal = mcp::check_modern(*message, {"2026-07-28", "server/discover", {}});
  EXPECT_FALSE(refusal.has_value());
}

TEST(EraProbe, ADiscoverResultOrAModernErrorMeansModern) {
  EXPECT_EQ(
      era_of(
          R"({"jsonrpc":"2.0","id":"mcp-gateway/probe","result":{"resultType":"complete","supportedVersions":["2026-07-28"]}})"),
      mcp::Era::modern);
  EXPECT_EQ(era_of(R"({"jsonrpc":"2.0","id":"mcp-gateway/probe","error":{"code":-32022,"message":"no"}})"),
            mcp::Era::modern);
}

TEST(EraProbe, AnyOtherAnswerMeansLegacy) {
  EXPECT_EQ(era_of(R"({"jsonrpc":"2.0","id":"mcp-gateway/probe","error":{"code":-32601,"message":"no"}})"),
            mcp::Era::legacy);
  EXPECT_EQ(era_of(R"({"jsonrpc":"2.0","id":"mcp-gateway/probe","result":{}})"), mcp::Era::legacy);
  EXPECT_EQ(era_of(R"({"jsonrpc":"2.0","id":null,"error":{"code":-32600,"message":"no"}})"), mcp::Era::legacy);
}

TEST(EraProbe, OtherMessagesSayNothing) {
  EXPECT_EQ(era_of(R"({"jsonrpc":"2.0","method":"notifications/message"})"), std::nullopt);
  EXPECT_EQ(era_of(R"({"jsonrpc":"2.0","id":1,"result":{}})"), std::nullopt);
}

}  // namespace
}  // namespace gw::stdio
