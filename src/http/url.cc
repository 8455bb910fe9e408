#include "http/url.h"

#include <boost/url/parse.hpp>
#include <boost/url/url_view.hpp>

#include "base/strings.h"

namespace gw::http {

std::string Url::shown() const {
  return fmt::format("{}://{}{}", https ? "https" : "http", authority, path());
}

Result<Url> parse_url(std::string_view text) {
  const auto parsed = boost::urls::parse_uri({text.data(), text.size()});
  if (!parsed) return fail(Errc::invalid, "it is not an absolute URL");
  const boost::urls::url_view url = *parsed;
  Url result;
  result.https = url.scheme_id() == boost::urls::scheme::https;
  if (!result.https && url.scheme_id() != boost::urls::scheme::http) {
    return fail(Errc::invalid, "its scheme is neither http nor https");
  }
  if (url.has_userinfo()) return fail(Errc::invalid, "it holds credentials, which belong into headers");
  if (url.host().empty()) return fail(Errc::invalid, "it has no host");
  const auto host = url.host_address();
  result.address.host = std::string(host.data(), host.size());
  if (result.address.host.find('\0') != std::string::npos) return fail(Errc::invalid, "its host has a NUL");
  result.address.port = result.https ? 443 : 80;
  if (url.has_port()) {
    const auto port_text = url.port();
    const auto port = parse_unsigned({port_text.data(), port_text.size()});
    result.address.port = static_cast<std::uint16_t>(port.value_or(0));
    if (!port || *port == 0 || *port > 65535) return fail(Errc::invalid, "its port is not between 1 and 65535");
  }
  const auto authority = url.encoded_host_and_port();
  result.authority = std::string(authority.data(), authority.size());
  const auto target = url.encoded_target();
  result.target = std::string(target.data(), target.size());
  if (result.target.empty() || result.target[0] != '/') result.target.insert(0, "/");
  return result;
}

}  // namespace gw::http
