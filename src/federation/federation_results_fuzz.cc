// Results that pass between the eras stay JSON, and come back as they were.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "federation/results.h"
#include "mcp/json_text.h"

namespace {

bool is_object(std::string_view text) {
  gw::mcp::JsonScanner json(text, 120);
  std::string_view raw;
  return json.take(raw) && json.finish() && gw::mcp::is_json_object(raw);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  if (!is_object(text)) return 0;
  const std::string modern = gw::federation::for_modern(text, R"({"name":"g"})", true);
  const std::string legacy = gw::federation::for_legacy(modern);
  if (!is_object(modern) || !is_object(legacy)) std::abort();
  if (gw::federation::for_modern(modern, R"({"name":"g"})", true) != modern) std::abort();
  if (!gw::mcp::json_member(legacy, "resultType").empty()) std::abort();
  return 0;
}
