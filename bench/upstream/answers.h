// The fixed texts that the benchmark's MCP server answers with.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "bench/common/clock.h"

namespace gw::bench {

// The member "id" of a request as it stands in the text: a number or a string without escapes; empty when there is
// none.
std::string_view id_of(std::string_view request);

// The response to the request with this id. `result` is raw JSON.
std::string result_response(std::string_view id, std::string_view result);
// What a server answers that does not know the method.
std::string unknown_method_response(std::string_view id);

inline constexpr std::string_view kInitializeResult =
    R"({"protocolVersion":"2025-11-25","capabilities":{"tools":{"listChanged":true}},)"
    R"("serverInfo":{"name":"bench-upstream","version":"1"}})";

// The result of a tools/call whose text content is `text`.
std::string tool_result(std::string_view text);

// The result of a tools/list with tools "tool_0", "tool_1", …: descriptions and schemas of the size that deployed
// servers have, about 750 bytes each.
std::string tools_result(std::size_t count);

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
