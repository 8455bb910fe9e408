// Any bytes as a configuration file: loaded, or refused with problems that can be shown.
#include <cstdint>

#include "base/check.h"
#include "config/load.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto loaded = gw::config::load_text(text, "fuzz.yaml", "/folder");
  if (loaded) return 0;
  GW_CHECK(!loaded.error().empty());
  for (const auto& problem : loaded.error()) GW_CHECK(!problem.message.empty() && problem.line >= 0);
  return 0;
}
