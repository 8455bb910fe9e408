#include "stdio/line_framer.h"

#include <gmock/gmock.h>

#include <vector>

namespace gw::stdio {
namespace {

using ::testing::ElementsAre;

std::vector<std::string> lines_of(std::string_view text, std::size_t piece, std::size_t max = 100) {
  LineFramer framer(max);
  std::vector<std::string> lines;
  while (!text.empty()) {
    framer.feed(text.substr(0, piece));
    text.remove_prefix(std::min(piece, text.size()));
    while (true) {
      const auto line = framer.next();
      if (!line) {
        lines.push_back(line.error().message());
        return lines;
      }
      if (!*line) break;
      lines.emplace_back(**line);
    }
  }
  return lines;
}

TEST(LineFramer, GivesTheSameLinesInEveryFragmentation) {
  constexpr std::string_view text = "{\"a\":1}\n\r\n  \n{\"b\":2}\r\nlast\n\nunfinished";
  for (std::size_t piece = 1; piece <= text.size(); ++piece) {
    EXPECT_THAT(lines_of(text, piece), ElementsAre("{\"a\":1}", "{\"b\":2}", "last")) << piece;
  }
}

TEST(LineFramer, AnOverlongLineIsAnErrorThatNamesTheLimit) {
  constexpr std::string_view text = "ok\n0123456789\nnever\n";
  for (std::size_t piece = 1; piece <= text.size(); ++piece) {
    EXPECT_THAT(lines_of(text, piece, 9),
                ElementsAre("ok", "the server wrote a message larger than 9 bytes, the limit for one message"))
        << piece;
  }
  EXPECT_THAT(lines_of("012345678\n", 3, 9), ElementsAre("012345678"));
}

}  // namespace
}  // namespace gw::stdio
