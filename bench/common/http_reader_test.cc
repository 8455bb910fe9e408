#include "bench/common/http_reader.h"

#include <gmock/gmock.h>

#include <vector>

namespace gw::bench {
namespace {

using testing::ElementsAre;

struct Recorder final : MessageSink {
  std::vector<std::string> seen;
  std::string body;

  void on_head(const MessageHead& head) override {
    seen.push_back(std::string(head.start_line) + "|" + std::string(head.session_id));
    body.clear();
  }
  void on_body(std::string_view bytes) override { body += bytes; }
  void on_message_end() override { seen.push_back(body); }
};

std::vector<std::string> read(HttpReader::Kind kind, std::string_view text, std::size_t slice) {
  Recorder recorder;
  HttpReader reader(kind, recorder);
  for (; !text.empty(); text.remove_prefix(std::min(slice, text.size()))) {
    EXPECT_TRUE(reader.feed(text.substr(0, slice)));
  }
  EXPECT_TRUE(reader.finish());
  return recorder.seen;
}

TEST(HttpReader, ReadsTheSameHoweverTheBytesAreCut) {
  constexpr std::string_view text =
      "HTTP/1.1 200 OK\r\nmcp-session-id: abc\r\nContent-Length: 5\r\n\r\nhello"
      "HTTP/1.1 204 No Content\r\n\r\n"
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nfoo\r\na;x=y\r\n0123456789\r\n0\r\nT: 1\r\n\r\n";
  for (const std::size_t slice : {1, 2, 3, 7, 50, 1000}) {
    EXPECT_THAT(read(HttpReader::Kind::responses, text, slice),
                ElementsAre("HTTP/1.1 200 OK|abc", "hello", "HTTP/1.1 204 No Content|", "", "HTTP/1.1 200 OK|",
                            "foo0123456789"));
  }
}

TEST(HttpReader, AResponseWithoutLengthEndsWithTheConnection) {
  EXPECT_THAT(read(HttpReader::Kind::responses, "HTTP/1.1 200 OK\r\n\r\nall of it", 4),
              ElementsAre("HTTP/1.1 200 OK|", "all of it"));
}

TEST(HttpReader, ARequestWithoutLengthHasNoBody) {
  EXPECT_THAT(read(HttpReader::Kind::requests, "GET / HTTP/1.1\r\nHost: a\r\n\r\n", 100),
              ElementsAre("GET / HTTP/1.1|", ""));
}

TEST(HttpReader, RefusesWhatIsNotHttp) {
  Recorder recorder;
  HttpReader reader(HttpReader::Kind::responses, recorder);
  EXPECT_FALSE(reader.feed("SSH-2.0-server\r\n\r\n"));
}

}  // namespace
}  // namespace gw::bench
