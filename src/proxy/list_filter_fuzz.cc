// Filtered lists are JSON again, nothing is filtered twice, and events give the same however they are cut.
#include <cstdint>
#include <string>
#include <string_view>

#include "base/check.h"
#include "mcp/json_text.h"
#include "proxy/event_filter.h"

namespace gw::proxy {
namespace {

bool shows(policy::ItemKind, std::string_view item, const std::optional<policy::Hints>&) {
  return item.empty() || item[0] != 'x';
}

void check_message(std::string_view text) {
  const auto filtered = filter_lists(text, shows);
  if (!filtered || !*filtered) return;
  mcp::JsonScanner json(**filtered, 256);
  std::string_view raw;
  json.take(raw);
  GW_CHECK(json.finish(), text);
  const auto again = filter_lists(**filtered, shows);
  GW_CHECK(again && !*again, text);
}

void check_events(std::string_view text, std::size_t cut) {
  EventFilter whole(shows);
  EventFilter cut_filter(shows);
  const auto expected = whole.feed(text, true);
  std::string out;
  const auto first = cut_filter.feed(text.substr(0, cut), false);
  if (first) out += *first;
  const auto second = first ? cut_filter.feed(text.substr(cut), true) : first;
  GW_CHECK(expected.has_value() == second.has_value(), text);
  if (second) GW_CHECK(out + std::string(*second) == *expected, text);
}

}  // namespace
}  // namespace gw::proxy

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  gw::proxy::check_message(text);
  gw::proxy::check_events(text, size == 0 ? 0 : data[0] * size / 256);
  return 0;
}
