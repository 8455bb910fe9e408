// Any bytes as an OpenAPI document: refused, or imported as YAML that can be read again.
#include <cstdint>

#include "base/check.h"
#include "config/yaml.h"
#include "openapi/import.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto imported =
      gw::openapi::import_tools({reinterpret_cast<const char*>(data), size}, {.server = "https://service.test"});
  if (!imported) return 0;
  const auto read = gw::config::parse_yaml(imported->yaml, {.bytes = 64 << 20, .depth = 256, .nodes = 4'000'000});
  GW_CHECK(read.has_value(), read ? "" : read.error().front().message, imported->yaml);
  const auto* const tools = (*read)->find("tools");
  GW_CHECK(tools != nullptr && tools->items.size() == imported->tools);
  return 0;
}
