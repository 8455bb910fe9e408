#include "routing/route.h"

#include <algorithm>

#include "base/strings.h"

namespace gw::routing {

const Endpoint* AdapterRoute::find(std::string_view endpoint_id) const {
  const auto it =
      std::find_if(endpoints.begin(), endpoints.end(), [&](const Endpoint& e) { return e.id == endpoint_id; });
  return it == endpoints.end() ? nullptr : &*it;
}

Result<UpstreamUrl> parse_upstream_url(std::string_view text) {
  auto url = http::parse_url(text);
  if (url) return url;
  return fail(Errc::invalid, "'{}' is not a URL of an MCP server: {}; write for example https://example.org/mcp",
              printable(text), url.error().message());
}

}  // namespace gw::routing
