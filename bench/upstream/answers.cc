#include "bench/upstream/answers.h"

#include <fmt/format.h>

namespace gw::bench {
namespace {

constexpr std::size_t kStampDigits = 19;

}  // namespace

std::string tool_result(std::string_view text) {
  return fmt::format(R"({{"jsonrpc":"2.0","id":1,"result":{{"content":[{{"type":"text","text":"{}"}}],)"
                     R"("structuredContent":{{"answer":42}},"isError":false,"_meta":{{"server":"bench-upstream"}}}}}})",
                     text);
}

EventBatch::EventBatch(std::size_t bytes, std::size_t count) {
  constexpr std::string_view before =
      R"(event: message
data: {"jsonrpc":"2.0","method":"notifications/message","params":{"level":"info","data":{"sent_ns":)";
  constexpr std::string_view between = R"(,"pad":")";
  constexpr std::string_view after = "\"}}}\n\n";
  const std::size_t fixed = before.size() + kStampDigits + between.size() + after.size();
  const std::string pad(bytes - fixed, '.');
  for (std::size_t i = 0; i < count; ++i) {
    text_ += fmt::format("{:x}\r\n{}", bytes, before);
    stamps_.push_back(text_.size());
    text_ += fmt::format("{:0{}}{}{}{}\r\n", 0, kStampDigits, between, pad, after);
  }
}

void EventBatch::stamp(Nanos time) {
  for (const std::size_t at : stamps_) {
    // JSON knows no leading zeros: pad with spaces, which it allows before a value.
    fmt::format_to_n(text_.data() + at, kStampDigits, "{:>{}}", time, kStampDigits);
  }
}

}  // namespace gw::bench
