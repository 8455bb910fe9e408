#include "http/parser.h"

#include <gtest/gtest.h>

namespace gw::http {
namespace {

struct Message {
  std::string summary;
  std::string body;
  std::string trailers;
  int status = 0;  // Of a rejection.
};

std::string summary_of(const RequestHead& head) {
  std::string text = std::string(head.method_text) + " " + std::string(head.target);
  for (const Field& field : head.fields.all()) text += "|" + std::string(field.name) + "=" + std::string(field.value);
  return text;
}

// Reads all requests of `wire`, which arrives in fragments of `step` bytes.
std::vector<Message> read_requests(std::string_view wire, std::size_t step, ParserLimits limits = {}) {
  std::vector<Message> messages;
  MessageParser parser(limits);
  RequestHead head;
  std::string held;
  bool in_body = false;
  std::size_t fed = 0;
  while (true) {
    if (!in_body) {
      const auto length = parser.parse_head(held, head);
      if (!length) {
        messages.push_back({.status = length.error().status});
        return messages;
      }
      if (*length > 0) {
        messages.push_back({summary_of(head)});
        held.erase(0, *length);
        in_body = true;
        continue;
      }
    } else {
      const auto piece = parser.parse_body(held);
      if (!piece) {
        messages.back().status = piece.error().status;
        return messages;
      }
      messages.back().body += piece->data;
      held.erase(0, piece->consumed);
      if (piece->end) {
        messages.back().trailers = parser.trailers();
        in_body = false;
      }
      if (piece->end || piece->consumed > 0) continue;
    }
    if (fed == wire.size()) return messages;
    held += wire.substr(fed, step);
    fed = std::min(wire.size(), fed + step);
  }
}

TEST(MessageParser, AnyFragmentationGivesTheSameRequests) {
  const std::string wire =
      "POST /adapters/a/mcp HTTP/1.1\r\nHost: gw\r\nContent-Length: 5\r\nX-Empty:\r\n\r\nhello"
      "GET /ping HTTP/1.1\r\nhost:gw\r\n\r\n"
      "POST /b HTTP/1.1\r\nHost: gw\r\nTransfer-Encoding: chunked\r\n\r\n"
      "4;ext=1\r\nwiki\r\n00a\r\n0123456789\r\n0\r\nX-Sum: 1\r\nHost: evil\r\nx_mcp_userid: root\r\n\r\n"
      "DELETE /c HTTP/1.1\r\nHost: gw\r\n\r\n";
  for (std::size_t step = 1; step <= wire.size(); ++step) {
    const auto messages = read_requests(wire, step);
    ASSERT_EQ(messages.size(), 4u) << step;
    EXPECT_EQ(messages[0].summary, "POST /adapters/a/mcp|Host=gw|Content-Length=5|X-Empty=");
    EXPECT_EQ(messages[0].body, "hello");
    EXPECT_EQ(messages[1].summary, "GET /ping|host=gw");
    EXPECT_EQ(messages[2].body, "wiki0123456789");
    EXPECT_EQ(messages[2].trailers, "X-Sum: 1\r\n") << "a trailer must not smuggle routing fields";
    EXPECT_EQ(messages[3].summary, "DELETE /c|Host=gw");
  }
}

struct BadRequest {
  const char* why;
  const char* wire;
  int status;
};

class Refused : public ::testing::TestWithParam<BadRequest> {};

TEST_P(Refused, WithAStatus) {
  const auto messages = read_requests(GetParam().wire, 1000);
  ASSERT_FALSE(messages.empty());
  EXPECT_EQ(messages.back().status, GetParam().status);
}

INSTANTIATE_TEST_SUITE_P(
    MessageParser, Refused,
    ::testing::Values(
        BadRequest{"two lengths", "POST / HTTP/1.1\r\nHost: g\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nxx",
                   400},
        BadRequest{"the same length twice",
                   "POST / HTTP/1.1\r\nHost: g\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\nx", 400},
        BadRequest{"a list of lengths", "POST / HTTP/1.1\r\nHost: g\r\nContent-Length: 1, 1\r\n\r\nx", 400},
        BadRequest{"a signed length", "POST / HTTP/1.1\r\nHost: g\r\nContent-Length: +1\r\n\r\nx", 400},
        BadRequest{"a length too large for 64 bits",
                   "POST / HTTP/1.1\r\nHost: g\r\nContent-Length: 99999999999999999999\r\n\r\n", 400},
        BadRequest{"length and coding",
                   "POST / HTTP/1.1\r\nHost: g\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n", 400},
        BadRequest{"coding and length",
                   "POST / HTTP/1.1\r\nHost: g\r\nTransfer-Encoding: chunked\r\nContent-Length: 1\r\n\r\n", 400},
        BadRequest{"two codings", "POST / HTTP/1.1\r\nHost: g\r\nTransfer-Encoding: gzip, chunked\r\n\r\n", 501},
        BadRequest{"an unknown coding", "POST / HTTP/1.1\r\nHost: g\r\nTransfer-Encoding: xchunked\r\n\r\n", 501},
        BadRequest{"chunked in HTTP/1.0", "POST / HTTP/1.0\r\nHost: g\r\nTransfer-Encoding: chunked\r\n\r\n", 400},
        BadRequest{"a folded line", "GET / HTTP/1.1\r\nHost: g\r\nX: a\r\n b\r\n\r\n", 400},
        BadRequest{"a bare line feed", "GET / HTTP/1.1\r\nHost: g\nX: a\r\n\r\n", 400},
        BadRequest{"only bare line feeds", "GET / HTTP/1.1\nHost: g\n\n", 400},
        BadRequest{"a blank before the colon", "GET / HTTP/1.1\r\nHost : g\r\n\r\n", 400},
        BadRequest{"no host", "GET / HTTP/1.1\r\n\r\n", 400},
        BadRequest{"two hosts", "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", 400},
        BadRequest{"no version", "GET /\r\nHost: g\r\n\r\n", 400},
        BadRequest{"version 2", "GET / HTTP/2.0\r\nHost: g\r\n\r\n", 505},
        BadRequest{"not HTTP", "\x16\x03\x01\x02\r\n\r\n", 400},
        BadRequest{"an unknown expectation", "GET / HTTP/1.1\r\nHost: g\r\nExpect: wonders\r\n\r\n", 417},
        BadRequest{"a chunk size that is no number",
                   "POST / HTTP/1.1\r\nHost: g\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", 400},
        BadRequest{"a chunk without its line end",
                   "POST / HTTP/1.1\r\nHost: g\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nabX3\r\n", 400},
        BadRequest{"a bare carriage return", "GET / HTTP/1.1\r\nHost: g\rX: a\r\n\r\n", 400},
        BadRequest{"a chunk size with a bare line feed",
                   "POST / HTTP/1.1\r\nHost: g\r\nTransfer-Encoding: chunked\r\n\r\n2\nab\r\n0\r\n\r\n", 400},
        BadRequest{"an extension with a bare line feed",
                   "POST / HTTP/1.1\r\nHost: g\r\nTransfer-Encoding: chunked\r\n\r\n2;x\nab\r\nab\r\n0\r\n\r\n", 400},
        BadRequest{"a quoted extension with a bare line feed",
                   "POST / HTTP/1.1\r\nHost: g\r\nTransfer-Encoding: chunked\r\n\r\n2;x=\"\n\"\r\nab\r\n0\r\n\r\n",
                   400},
        BadRequest{"a trailer with a bare line feed",
                   "POST / HTTP/1.1\r\nHost: g\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nA: 1\nB: 2\r\n\r\n", 400},
        BadRequest{"a folded trailer",
                   "POST / HTTP/1.1\r\nHost: g\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nA: 1\r\n b\r\n\r\n", 400},
        BadRequest{"a negative chunk size", "POST / HTTP/1.1\r\nHost: g\r\nTransfer-Encoding: chunked\r\n\r\n-1\r\n",
                   400},
        BadRequest{"a chunk size with a prefix",
                   "POST / HTTP/1.1\r\nHost: g\r\nTransfer-Encoding: chunked\r\n\r\n0x2\r\nab\r\n0\r\n\r\n", 400},
        BadRequest{"a chunk size too large for 64 bits",
                   "POST / HTTP/1.1\r\nHost: g\r\nTransfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\n", 400}),
    [](const auto& param) {
      std::string name = param.param.why;
      std::replace_if(
          name.begin(), name.end(), [](char c) { return !std::isalnum(static_cast<unsigned char>(c)); }, '_');
      return name;
    });

TEST(MessageParser, BoundsTheHead) {
  const ParserLimits limits{.max_head = 200, .max_fields = 3};
  const std::string long_line = "GET / HTTP/1.1\r\nHost: g\r\nX: " + std::string(300, 'x') + "\r\n\r\n";
  EXPECT_EQ(read_requests(long_line, 50, limits).back().status, 431);
  EXPECT_EQ(read_requests("GET / HTTP/1.1\r\nHost: g\r\nA: 1\r\nB: 2\r\nC: 3\r\n\r\n", 500, limits).back().status, 431);
}

TEST(MessageParser, KnowsWhenTheConnectionMayStay) {
  MessageParser parser({});
  RequestHead head;
  const auto keep_alive = [&](std::string_view wire) {
    EXPECT_TRUE(parser.parse_head(wire, head));
    return head.keep_alive;
  };
  EXPECT_TRUE(keep_alive("GET / HTTP/1.1\r\nHost: g\r\n\r\n"));
  EXPECT_FALSE(keep_alive("GET / HTTP/1.1\r\nHost: g\r\nConnection: x, Close\r\n\r\n"));
  EXPECT_FALSE(keep_alive("GET / HTTP/1.0\r\n\r\n"));
  EXPECT_TRUE(keep_alive("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n"));
}

TEST(MessageParser, ResponsesWithoutALengthLastUntilTheEnd) {
  MessageParser parser({});
  ResponseHead head;
  const std::string wire = "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\n";
  ASSERT_TRUE(parser.parse_head(wire, head, false));
  EXPECT_EQ(head.framing, Framing::to_close);
  EXPECT_FALSE(head.keep_alive);
  EXPECT_EQ(parser.parse_body("abc")->data, "abc");
  EXPECT_TRUE(parser.end_of_input());

  ASSERT_TRUE(parser.parse_head("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", head, false));
  EXPECT_FALSE(parser.end_of_input()) << "a body that was cut short is an error";
  ASSERT_TRUE(parser.parse_head("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", head, true));
  EXPECT_TRUE(parser.body_done()) << "the answer to HEAD has no body";
  ASSERT_TRUE(parser.parse_head("HTTP/1.1 204 No Content\r\n\r\n", head, false));
  EXPECT_TRUE(parser.body_done());
}

TEST(Fields, KnowsNamesInAnyCase) {
  EXPECT_EQ(known_name("MCP-Session-ID"), Name::mcp_session_id);
  EXPECT_EQ(known_name("Transfer-encoding"), Name::transfer_encoding);
  EXPECT_EQ(known_name("Mcp-Session-Ib"), Name::other);
  EXPECT_TRUE(list_has("keep-alive, Upgrade;x=1", "upgrade"));
  EXPECT_TRUE(is_media_type("Text/Event-Stream; charset=utf-8", "text/event-stream"));
}

}  // namespace
}  // namespace gw::http
