// What the scanner accepts is JSON to simdjson too and the reverse; splicing changes what it says and nothing else.
#include <simdjson.h>

#include <cstdint>
#include <string>
#include <string_view>

#include "base/check.h"
#include "mcp/era.h"
#include "mcp/json_text.h"
#include "mcp/jsonrpc.h"

namespace gw::mcp {
namespace {

bool scanner_accepts(std::string_view text) {
  JsonScanner json(text, 64);
  std::string_view raw;
  json.take(raw);
  return json.finish();
}

// simdjson knows no numbers beyond 64 bits and no lone surrogates, which RFC 8259 allows; both are left out.
void compare_with_simdjson(std::string_view text) {
  if (!simdjson::validate_utf8(text.data(), text.size())) return;
  static simdjson::dom::parser parser(1 << 20);
  static const bool allocated = parser.allocate(1 << 20, 64) == simdjson::SUCCESS;
  GW_CHECK(allocated);
  const auto error = parser.parse(text.data(), text.size()).error();
  const bool accepted = scanner_accepts(text);
  if (error == simdjson::SUCCESS) GW_CHECK(accepted, text);
  if (accepted && error != simdjson::SUCCESS) {
    GW_CHECK(error == simdjson::NUMBER_ERROR || error == simdjson::STRING_ERROR || error == simdjson::DEPTH_ERROR,
             static_cast<int>(error), text);
  }
}

void check_splice(const Message& m) {
  GW_CHECK(splice(m.text, {{m.id, m.id}, {m.progress_token, m.progress_token}}) == m.text);
  if (m.kind != Kind::request) return;
  const std::string changed = splice(m.text, {{m.id, "7"}, {m.progress_token, "\"t\""}});
  const auto again = scan(changed);
  GW_CHECK(again.has_value(), changed);
  GW_CHECK(again->id == "7" && again->method == m.method);
  GW_CHECK(m.progress_token.empty() || again->progress_token == "\"t\"");
  GW_CHECK(splice(again->text, {{again->id, m.id}, {again->progress_token, m.progress_token}}) == m.text);
}

}  // namespace
}  // namespace gw::mcp

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace gw::mcp;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  compare_with_simdjson(text);
  const auto message = scan(text);
  if (!message) {
    GW_CHECK(scanner_accepts(message.error().body()));
    return 0;
  }
  const std::string method = message->method;
  const MirrorHeaders headers{first_modern_version, method, text.substr(0, 20)};
  if (const auto era = classify(*message, headers); era && *era == Era::modern) {
    if (const auto refusal = check_modern(*message, headers))
      GW_CHECK(scanner_accepts(refusal->body()), refusal->body());
  }
  if (message->kind != Kind::batch) check_splice(*message);
  return 0;
}
