#include "bench/upstream/answers.h"

#include <fmt/format.h>

namespace gw::bench {
namespace {

constexpr std::size_t kStampDigits = 19;

}  // namespace

std::string_view id_of(std::string_view request) {
  const auto at = request.find("\"id\":");
  if (at == std::string_view::npos) return {};
  const auto value = request.substr(at + 5);
  return value.substr(0, value.find_first_of(",}"));
}

std::string result_response(std::string_view id, std::string_view result) {
  return fmt::format(R"({{"jsonrpc":"2.0","id":{},"result":{}}})", id, result);
}

std::string unknown_method_response(std::string_view id) {
  return fmt::format(R"({{"jsonrpc":"2.0","id":{},"error":{{"code":-32601,"message":"Method not found"}}}})", id);
}

std::string tool_result(std::string_view text) {
  return fmt::format(R"({{"content":[{{"type":"text","text":"{}"}}],)"
                     R"("structuredContent":{{"answer":42}},"isError":false,"_meta":{{"server":"bench-upstream"}}}})",
                     text);
}

std::string tools_result(std::size_t count) {
  constexpr std::string_view verbs[] = {"Searches", "Creates", "Updates", "Reads", "Exports", "Compares"};
  constexpr std::string_view things[] = {"issues", "customers", "documents", "invoices", "deployments"};
  std::string tools;
  for (std::size_t i = 0; i < count; ++i) {
    const std::string_view verb = verbs[i % std::size(verbs)];
    const std::string_view thing = things[i % std::size(things)];
    if (i > 0) tools += ',';
    tools += fmt::format(
        R"({{"name":"tool_{0}","title":"{1} {2}, no. {0}","description":"{1} {2} of the current workspace. The text is )"
        R"(matched against title and body; results come newest first, one page at a time. Needs the permission to )"
        R"(read {2}.","inputSchema":{{"type":"object","properties":{{"text":{{"type":"string","description":"What to )"
        R"(look for, in the query language of the workspace"}},"state":{{"type":"string","enum":["open","closed",)"
        R"("all"],"default":"open","description":"Which {2} count"}},"labels":{{"type":"array","items":{{"type":)"
        R"("string"}},"maxItems":20,"description":"Only {2} that have all of these labels"}},"limit":{{"type":)"
        R"("integer","minimum":1,"maximum":100,"default":30}}}},"required":["text"]}},"annotations":{{)"
        R"("readOnlyHint":{3},"openWorldHint":false}}}})",
        i, verb, thing, i % 2 == 0 ? "true" : "false");
  }
  return fmt::format(R"({{"tools":[{}]}})", tools);
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
