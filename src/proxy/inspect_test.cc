#include "proxy/inspect.h"

#include <fmt/core.h>
#include <gtest/gtest.h>

namespace gw::proxy {
namespace {

using policy::ItemKind;
using FieldList = std::vector<std::pair<std::string_view, std::string_view>>;

std::expected<Calls, mcp::Refusal> look(std::string_view body, const FieldList& list = {}) {
  http::Fields fields;
  for (const auto& [name, value] : list) fields.add(name, value);
  return inspect(body, fields, {});
}

std::string message(std::string_view method, std::string_view params) {
  return fmt::format(R"({{"jsonrpc":"2.0","id":7,"method":"{}","params":{}}})", method, params);
}

constexpr std::string_view meta =
    R"("_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":{}})";

TEST(Inspect, FindsWhatEachMethodIsAbout) {
  struct Case {
    std::string_view method, params;
    ItemKind kind;
    std::string_view item;
  };
  for (const Case& c :
       {Case{"tools/call", R"({"name":"a\u0062"})", ItemKind::tool, "ab"},
        Case{"prompts/get", R"({"name":"p"})", ItemKind::prompt, "p"},
        Case{"resources/read", R"({"uri":"file:///x"})", ItemKind::resource, "file:///x"},
        Case{"resources/subscribe", R"({"uri":"u:1"})", ItemKind::resource, "u:1"},
        Case{"completion/complete", R"({"ref":{"type":"ref/prompt","name":"p"},"argument":{}})", ItemKind::prompt, "p"},
        Case{"completion/complete", R"({"ref":{"type":"ref/resource","uri":"f:{x}"}})", ItemKind::resource, "f:{x}"}}) {
    const auto calls = look(message(c.method, c.params));
    ASSERT_TRUE(calls) << c.method;
    ASSERT_EQ(calls->list.size(), 1u);
    ASSERT_EQ(calls->list[0].items.size(), 1u) << c.method;
    EXPECT_EQ(calls->list[0].items[0].kind, c.kind);
    EXPECT_EQ(calls->list[0].items[0].name, c.item);
    EXPECT_EQ(calls->method(), c.method);
  }
  for (const auto* method : {"tools/list", "initialize", "ping", "logging/setLevel", "tasks/get"}) {
    const auto calls = look(message(method, R"({"name":"n","uri":"u"})"));
    ASSERT_TRUE(calls) << method;
    EXPECT_TRUE(calls->list[0].items.empty()) << method;
  }
}

TEST(Inspect, FindsEveryResourceOfASubscription) {
  const auto calls = look(message("subscriptions/listen", fmt::format(R"({{{},"notifications":{{"toolsListChanged":true,
      "resourceSubscriptions":["a:1","b:2"]}}}})",
                                                                      meta)),
                          {{"MCP-Protocol-Version", "2026-07-28"}, {"Mcp-Method", "subscriptions/listen"}});
  ASSERT_TRUE(calls) << calls.error().message;
  ASSERT_EQ(calls->list[0].items.size(), 2u);
  EXPECT_EQ(calls->list[0].items[1].name, "b:2");
}

TEST(Inspect, GivesArgumentsAsTheyWereWritten) {
  EXPECT_EQ(look(message("tools/call", R"({"name":"a","arguments": {"n": 9007199254740993} })"))->list[0].arguments(),
            R"({"n": 9007199254740993})");
  EXPECT_EQ(look(message("tools/call", R"({"name":"a"})"))->list[0].arguments(), "{}");
  EXPECT_EQ(look(message("prompts/get", R"({"name":"a","arguments":{}})"))->list[0].arguments(), std::nullopt);
}

TEST(Inspect, LetsResponsesAndNotificationsPass) {
  for (const auto* text : {R"({"jsonrpc":"2.0","id":1,"result":{}})", R"({"jsonrpc":"2.0","id":1,"error":{"code":1}})",
                           R"({"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":1}})"}) {
    const auto calls = look(text);
    ASSERT_TRUE(calls) << text;
    EXPECT_FALSE(calls->list[0].is_request());
  }
}

TEST(Inspect, LooksAtEveryMessageOfABatch) {
  const auto calls = look("[" + message("tools/call", R"({"name":"a"})") + "," + message("ping", "{}") + "]");
  ASSERT_TRUE(calls);
  EXPECT_TRUE(calls->batch);
  ASSERT_EQ(calls->list.size(), 2u);
  EXPECT_EQ(calls->list[0].tool(), "a");
  EXPECT_EQ(calls->method(), "");
  EXPECT_FALSE(look("[" + message("ping", "{}") + ",{}]"));
  std::string longer = "[" + message("ping", "{}");
  for (std::size_t i = 0; i < max_batch; ++i) longer += "," + message("ping", "{}");
  EXPECT_FALSE(look(longer + "]"));
}

TEST(Inspect, RefusesWhatAnotherReaderCouldUnderstandInAnotherWay) {
  struct Case {
    std::string body;
    FieldList fields;
    int status, code;
  };
  const std::string call = message("tools/call", R"({"name":"a"})");
  for (const Case& c : {
           Case{"{", {}, 400, -32700},
           Case{message("tools/call", R"({"name":"a","name":"b"})"), {}, 400, -32600},
           Case{message("tools/call", R"({"name":"a","arguments":{},"arguments":{"x":1}})"), {}, 400, -32600},
           Case{message("tools/call", R"({"name":"a","Name":"b"})"), {}, 400, -32600},
           Case{R"({"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"a"},"param\u017f":{"name":"b"}})",
                {},
                400,
                -32600},
           Case{message("tools/call", "{\"name\":\"a\",\"argument\u017f\":{}}"), {}, 400, -32600},
           Case{message("subscriptions/listen",
                        R"({"notifications":{"resourceSubscriptions":["a:1"],"ResourceSubscriptions":["b:2"]}})"),
                {},
                200,
                -32602},
           Case{message("completion/complete", R"({"ref":{"type":"ref/prompt","name":"a","Name":"b"}})"),
                {},
                200,
                -32602},
           Case{R"({"jsonrpc":"2.0","id":1,"method":"ping","Params":{},"METHOD":"tools/call"})", {}, 400, -32600},
           Case{R"({"jsonrpc":"2.0","method":"tools/call","params":{"name":"a"}})", {}, 400, -32600},
           Case{message("tools/call", "{}"), {}, 200, -32602},
           Case{message("tools/call", R"({"name":["a"]})"), {}, 200, -32602},
           Case{message("completion/complete", R"({"ref":{"type":"ref/prompt","name":"a","name":"b"}})"),
                {},
                200,
                -32602},
           Case{message("completion/complete", R"({"ref":{"type":"ref/tool","name":"a"}})"), {}, 200, -32602},
           Case{call, {{"Content-Type", "application/json; charset=utf-7"}}, 415, -32600},
           Case{call, {{"Content-Encoding", "gzip"}}, 415, -32600},
           Case{call, {{"Mcp-Name", "a"}, {"Mcp-Name", "b"}}, 400, -32020},
       }) {
    const auto calls = look(c.body, c.fields);
    ASSERT_FALSE(calls) << c.body;
    EXPECT_EQ(calls.error().http_status, c.status) << c.body;
    EXPECT_EQ(calls.error().code, c.code) << c.body;
  }
  EXPECT_TRUE(look(call, {{"Content-Type", "application/json; charset=\"UTF-8\""}}));
}

TEST(Inspect, HoldsModernMessagesToTheirHeaders) {
  const std::string call = message("tools/call", fmt::format(R"({{{},"name":"a"}})", meta));
  const auto code = [&](std::string_view method, std::string_view name) {
    const auto calls = look(call, {{"MCP-Protocol-Version", "2026-07-28"}, {"Mcp-Method", method}, {"Mcp-Name", name}});
    return calls ? 0 : calls.error().http_status * 100000 - calls.error().code;
  };
  EXPECT_EQ(code("tools/call", "a"), 0);
  EXPECT_EQ(code("tools/call", "=?base64?YQ==?="), 0);
  EXPECT_EQ(code("tools/call", "b"), 400 * 100000 + 32020);
  EXPECT_EQ(code("tools/list", "a"), 400 * 100000 + 32020);
  EXPECT_FALSE(look(call)) << "a modern message without its headers";
}

TEST(Inspect, SaysWhatServersSayAboutUnknownThings) {
  const auto answer = [](std::string_view method, std::string_view params, mcp::Era era) {
    const std::string body = message(method, params);
    const auto calls = look(body);
    const Call& call = calls->list[0];
    return unknown_error(call, call.items.empty() ? nullptr : call.items.data(), era);
  };
  EXPECT_EQ(answer("tools/call", R"({"name":"a"})", mcp::Era::legacy),
            R"({"jsonrpc":"2.0","id":7,"error":{"code":-32602,"message":"Unknown tool: a"}})");
  EXPECT_EQ(answer("prompts/get", R"({"name":"a"})", mcp::Era::legacy),
            R"({"jsonrpc":"2.0","id":7,"error":{"code":-32602,"message":"Unknown prompt: a"}})");
  EXPECT_EQ(answer("resources/read", R"({"uri":"a:b"})", mcp::Era::legacy),
            R"({"jsonrpc":"2.0","id":7,"error":{"code":-32002,"message":"Resource not found","data":{"uri":"a:b"}}})");
  EXPECT_EQ(answer("resources/read", R"({"uri":"a:b"})", mcp::Era::modern),
            R"({"jsonrpc":"2.0","id":7,"error":{"code":-32602,"message":"Resource not found","data":{"uri":"a:b"}}})");
  EXPECT_EQ(answer("ping", "{}", mcp::Era::legacy),
            R"({"jsonrpc":"2.0","id":7,"error":{"code":-32601,"message":"Method not found"}})");
}

}  // namespace
}  // namespace gw::proxy
