#include "proxy/endpoint_event.h"

#include <gtest/gtest.h>

namespace gw::proxy {
namespace {

TEST(EndpointEvent, IsFoundInAnyFragmentation) {
  const std::string wire =
      ": hello\n\nevent: endpoint\r\ndata: /message?sessionId=7\r\n\r\nevent: message\ndata: {}\n\n";
  for (std::size_t step = 1; step <= wire.size(); ++step) {
    EndpointEvent event;
    bool found = false;
    std::size_t fed = 0;
    while (!found && fed < wire.size()) {
      const auto result = event.feed(std::string_view(wire).substr(fed, step));
      ASSERT_TRUE(result) << step;
      found = *result;
      fed += step;
    }
    ASSERT_TRUE(found);
    EXPECT_EQ(event.data(), "/message?sessionId=7");
    EXPECT_EQ(std::string(event.rest()) + (fed < wire.size() ? wire.substr(fed) : ""), "event: message\ndata: {}\n\n");
  }
}

TEST(EndpointEvent, RefusesStreamsOfAnotherKind) {
  EXPECT_FALSE(EndpointEvent().feed("data: {\"jsonrpc\":\"2.0\"}\n\n"));
  EXPECT_FALSE(EndpointEvent().feed(std::string(20'000, 'x')));
}

TEST(MessageTarget, IsResolvedAgainstTheStream) {
  const auto resolve = [](std::string_view data) {
    return resolve_message_target("http://u:9000", "/mcp/sse?x=1", data);
  };
  EXPECT_EQ(resolve("/message?sessionId=7"), "/message?sessionId=7");
  EXPECT_EQ(resolve("message?s=7"), "/mcp/message?s=7");
  EXPECT_EQ(resolve("?s=7"), "/mcp/sse?s=7");
  EXPECT_EQ(resolve("http://u:9000/m"), "/m");
  for (const char* foreign :
       {"http://evil.example/m", "//evil.example/m", "https://u:9000/m", "http://u:9001/m", "http://[", "a b",
        "http://u:9000@evil.example/m", "http://u@u:9000/m", "http://u:9000.evil.example/m", "\\\\evil.example\\m",
        "http:\\\\evil.example", "///evil.example/m", "unix:/run/m", "javascript:x", "/m\r\nHost: evil.example"}) {
    EXPECT_EQ(resolve(foreign).error().code(), Errc::upstream) << foreign;
  }
}

}  // namespace
}  // namespace gw::proxy
