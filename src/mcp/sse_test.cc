#include "mcp/sse.h"

#include <gmock/gmock.h>

#include <vector>

namespace gw::mcp {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

// "event|data" of each event of `text`, fed in pieces of `piece` bytes.
std::vector<std::string> events_of(std::string_view text, std::size_t piece, SseParser parser = SseParser()) {
  std::vector<std::string> events;
  while (!text.empty()) {
    parser.feed(text.substr(0, piece));
    text.remove_prefix(std::min(piece, text.size()));
    while (true) {
      const auto event = parser.next();
      if (!event) return events.push_back("error"), events;
      if (!*event) break;
      events.push_back(std::string((*event)->event) + "|" + std::string((*event)->data));
    }
  }
  return events;
}

std::vector<std::string> events_of(std::string_view text) {
  return events_of(text, text.size());
}

TEST(SseParser, GivesOneEventPerBlankLine) {
  EXPECT_THAT(events_of("data: a\n\nevent: endpoint\ndata:/b\n\n"), ElementsAre("message|a", "endpoint|/b"));
}

TEST(SseParser, AcceptsEveryKindOfLineEnd) {
  EXPECT_THAT(events_of("data: a\r\rdata: b\r\n\r\ndata: c\n\n"), ElementsAre("message|a", "message|b", "message|c"));
}

TEST(SseParser, JoinsDataLinesAndTakesOffOneSpace) {
  EXPECT_THAT(events_of("data: a\ndata:  b\ndata\n\n"), ElementsAre("message|a\n b\n"));
}

TEST(SseParser, IgnoresCommentsUnknownFieldsAndTheByteOrderMark) {
  EXPECT_THAT(events_of("\xEF\xBB\xBF"
                        "data: a\n: hello\ncolour: red\n\n:\n\n"),
              ElementsAre("message|a"));
}

TEST(SseParser, AnEventNameLastsForOneEventOnly) {
  EXPECT_THAT(events_of("event: x\n\ndata: a\n\nevent: y\ndata: b\n\ndata: c\n\n"),
              ElementsAre("message|a", "y|b", "message|c"));
}

TEST(SseParser, DropsTheEventThatTheEndOfTheStreamCutsOff) {
  EXPECT_THAT(events_of("data: a\n\ndata: b\n"), ElementsAre("message|a"));
}

TEST(SseParser, APrimingEventSetsTheIdWithoutBeingDispatched) {
  SseParser parser;
  parser.feed("id: 7\nretry: 500\n\nretry: 5s\n\n");
  EXPECT_FALSE(parser.next()->has_value());
  EXPECT_EQ(parser.last_event_id(), "7");
  EXPECT_EQ(parser.retry(), 500u);
}

TEST(SseParser, IdsWithNulAreIgnored) {
  SseParser parser;
  parser.feed(std::string_view("id: 7\nid: a\0b\n\n", 14));
  EXPECT_FALSE(parser.next()->has_value());
  EXPECT_EQ(parser.last_event_id(), "7");
}

TEST(SseParser, AnyFragmentationGivesTheSameEvents) {
  constexpr std::string_view text =
      "\xEF\xBB\xBF"
      "data: one\r\n\r\nevent: e\rdata: two\rdata: three\r\r: comment\n\ndata\n\nid: 1\ndata: {\"a\":1}\n\ndata: x";
  const auto whole = events_of(text);
  ASSERT_EQ(whole.size(), 4u);
  for (std::size_t piece = 1; piece < text.size(); ++piece) EXPECT_EQ(events_of(text, piece), whole) << piece;
}

TEST(SseParser, RefusesAnEventThatIsTooLargeInEveryFragmentation) {
  const std::string one_line = "data: " + std::string(100, 'x') + "\n\n";
  const std::string many_lines =
      "data: xxxxxxxxxxxxxxxxxxxxxxxx\ndata: xxxxxxxxxxxxxxxxxxxxxxxxxxx\ndata: xxxxxxxxxxxx\n\n";
  for (const auto& text : {one_line, many_lines}) {
    for (std::size_t piece = 1; piece < text.size(); ++piece) {
      EXPECT_THAT(events_of(text, piece, SseParser(64)), ElementsAre("error")) << piece;
    }
  }
  EXPECT_THAT(events_of("data: small\n\ndata: small\n\n", 5, SseParser(16)),
              ElementsAre("message|small", "message|small"));
}

TEST(SseWriter, WhatIsWrittenIsParsedBack) {
  EXPECT_EQ(sse_event("{}"), "event: message\ndata: {}\n\n");
  EXPECT_THAT(events_of(sse_event("a\nb\r\nc\r\n", "x")), ElementsAre("x|a\nb\nc\n"));
  EXPECT_THAT(events_of(sse_keepalive), IsEmpty());
}

}  // namespace
}  // namespace gw::mcp
