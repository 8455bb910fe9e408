// Any bytes as a request body: read or refused with sentences; and what was read survives being stored.
#include <cstdint>

#include "base/check.h"
#include "model/adapter_json.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view body(reinterpret_cast<const char*>(data), size);
  for (const auto read : {gw::model::read_adapter, gw::model::read_tool}) {
    const auto spec = read(body, nullptr);
    if (!spec) {
      GW_CHECK(!spec.error().empty());
      continue;
    }
    const auto again = gw::model::spec_of_stored_text(gw::model::stored_text(*spec));
    GW_CHECK(again.has_value());
    GW_CHECK(*again == *spec);
  }
  return 0;
}
