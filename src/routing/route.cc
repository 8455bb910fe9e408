#include "routing/route.h"

#include <algorithm>

#include <boost/url/parse.hpp>
#include <boost/url/url.hpp>

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

Result<std::string> resolve_message_target(std::string_view stream_origin, std::string_view stream_target,
                                           std::string_view data) {
  namespace urls = boost::urls;
  const auto refuse = [&](std::string_view why) {
    return fail(Errc::upstream, "the upstream's endpoint event names '{}': {}", printable(data), why);
  };
  const std::string base_text = std::string(stream_origin) + std::string(stream_target);
  const auto base = urls::parse_uri({base_text.data(), base_text.size()});
  const auto reference = urls::parse_uri_reference({data.data(), data.size()});
  if (!base || !reference) return refuse("it is not a URI");
  urls::url resolved;
  if (!urls::resolve(*base, *reference, resolved)) return refuse("it cannot be resolved");
  if (resolved.scheme() != base->scheme() || resolved.encoded_authority() != base->encoded_authority()) {
    return refuse("it is on another origin than the stream, which is not followed");
  }
  const auto target = resolved.encoded_target();
  if (target.empty() || target[0] != '/') return refuse("it has no path");
  return std::string(target.data(), target.size());
}

}  // namespace gw::routing
