// Any bytes in any fragmentation give the same events, and an event that is written is parsed back.
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/check.h"
#include "mcp/sse.h"

namespace gw::mcp {
namespace {

struct Seen {
  std::vector<std::string> events;
  std::string last_id;
  bool too_large = false;
  bool operator==(const Seen&) const = default;
};

Seen parse(std::string_view text, std::size_t piece) {
  SseParser parser(4096);
  Seen seen;
  while (!text.empty() && !seen.too_large) {
    parser.feed(text.substr(0, piece));
    text.remove_prefix(std::min(piece, text.size()));
    while (true) {
      const auto event = parser.next();
      if (!event) seen.too_large = true;
      if (!event || !*event) break;
      seen.events.push_back(std::string((*event)->event) + '\n' + std::string((*event)->data));
    }
  }
  seen.last_id = parser.last_event_id();
  return seen;
}

}  // namespace
}  // namespace gw::mcp

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace gw::mcp;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const Seen whole = parse(text, size + 1);
  for (const std::size_t piece : {1, 2, 7}) GW_CHECK(parse(text, piece) == whole, piece);

  const Seen written = parse(sse_event(text), 1);
  GW_CHECK(written.too_large || written.events.size() == 1);
  if (!written.too_large && text.find('\r') == std::string_view::npos) {
    GW_CHECK(written.events[0] == "message\n" + std::string(text));
  }
  return 0;
}
