#include "routing/route.h"

#include <algorithm>

#include <boost/url/parse.hpp>
#include <boost/url/url.hpp>
#include <boost/url/url_view.hpp>

#include "base/strings.h"

namespace gw::routing {

const Endpoint* AdapterRoute::find(std::string_view endpoint_id) const {
  const auto it =
      std::find_if(endpoints.begin(), endpoints.end(), [&](const Endpoint& e) { return e.id == endpoint_id; });
  return it == endpoints.end() ? nullptr : &*it;
}

Result<UpstreamUrl> parse_upstream_url(std::string_view text) {
  const auto wrong = [&](std::string_view why) {
    return fail(Errc::invalid, "'{}' is not a URL of an MCP server: {}; write for example https://example.org/mcp",
                printable(text), why);
  };
  const auto parsed = boost::urls::parse_uri({text.data(), text.size()});
  if (!parsed) return wrong("it is not an absolute URL");
  const boost::urls::url_view url = *parsed;
  UpstreamUrl result;
  result.https = url.scheme_id() == boost::urls::scheme::https;
  if (!result.https && url.scheme_id() != boost::urls::scheme::http)
    return wrong("its scheme is neither http nor https");
  if (url.has_userinfo()) return wrong("it holds credentials, which belong into headers");
  if (url.host().empty()) return wrong("it has no host");
  const auto host = url.host_address();
  result.address.host = std::string(host.data(), host.size());
  result.address.port = result.https ? 443 : 80;
  if (url.has_port()) {
    const auto port_text = url.port();
    const auto port = parse_unsigned({port_text.data(), port_text.size()});
    result.address.port = static_cast<std::uint16_t>(port.value_or(0));
    if (!port || *port == 0 || *port > 65535) return wrong("its port is not between 1 and 65535");
  }
  const auto authority = url.encoded_host_and_port();
  result.authority = std::string(authority.data(), authority.size());
  const auto target = url.encoded_target();
  result.target = std::string(target.data(), target.size());
  if (result.target.empty() || result.target[0] != '/') result.target.insert(0, "/");
  return result;
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
