#include "proxy/endpoint_event.h"

#include <algorithm>

#include "base/strings.h"
#include "mcp/sse.h"

namespace gw::proxy {
namespace {

// The end of the first block of lines at or after `from` that a blank line closes, or npos.
std::size_t block_end(std::string_view text, std::size_t from) {
  std::size_t end = std::string_view::npos;
  for (const std::string_view blank : {"\n\n", "\r\n\r\n", "\r\r"}) {
    if (const auto at = text.find(blank, from); at != std::string_view::npos) end = std::min(end, at + blank.size());
  }
  return end;
}

}  // namespace

Result<bool> EndpointEvent::feed(std::string_view bytes) {
  if (held_.size() + bytes.size() > max_size + 64 * 1024) return fail(Errc::too_large, "the first event is too long");
  held_ += bytes;
  while (true) {
    const std::size_t end = block_end(held_, end_);
    if (end == std::string_view::npos) {
      if (held_.size() > max_size)
        return fail(Errc::upstream, "the upstream's first event is longer than {} bytes", max_size);
      return false;
    }
    mcp::SseParser parser(max_size);
    parser.feed(std::string_view(held_).substr(end_, end - end_));
    const auto event = parser.next();
    if (!event) return fail(Errc::upstream, "the upstream's first event cannot be read: {}", event.error().message());
    end_ = end;
    if (!*event) continue;  // Comments only.
    if ((*event)->event != "endpoint") {
      return fail(Errc::upstream,
                  "the upstream's first event is '{}' instead of 'endpoint': it does not speak HTTP+SSE",
                  printable((*event)->event));
    }
    data_ = (*event)->data;
    return true;
  }
}

}  // namespace gw::proxy
