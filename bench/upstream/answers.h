// The fixed texts that the benchmark's MCP server answers with.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "bench/common/clock.h"

namespace gw::bench {

inline constexpr std::string_view kInitializeResult =
    R"({"jsonrpc":"2.0","id":1,"result":{"protocolVersion":"2025-11-25","capabilities":{"tools":{}},)"
    R"("serverInfo":{"name":"bench-upstream","version":"1"}}})";

// The response to a tools/call with id 1 whose text content is `text`.
std::string tool_result(std::string_view text);

// One write of an event stream: `count` events of `bytes` each, every one a chunk of its own. bytes: at least 256.
class EventBatch {
 public:
  EventBatch() = default;
  EventBatch(std::size_t bytes, std::size_t count);

  // Writes the time of sending into every event.
  void stamp(Nanos time);
  // Chunked transfer coding included.
  std::string_view batch() const { return text_; }

 private:
  std::string text_;
  std::vector<std::size_t> stamps_;
};

}  // namespace gw::bench
