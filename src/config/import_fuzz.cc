// Any bytes as a client's server list: refused, or taken over as a file that loads.
#include <cstdint>

#include "base/check.h"
#include "config/import.h"
#include "config/load.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto imported = gw::config::import_servers({reinterpret_cast<const char*>(data), size});
  if (!imported) return 0;
  const auto loaded = gw::config::load_text(imported->yaml, "imported.yaml", "/folder");
  GW_CHECK(loaded.has_value(), loaded ? "" : to_string(loaded.error()[0]), imported->yaml);
  GW_CHECK(loaded->servers.size() == imported->servers);
  return 0;
}
