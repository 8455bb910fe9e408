// Absolute URLs of servers, RFC 3986 and RFC 9110 section 4.2.
#pragma once

#include <string>
#include <string_view>

#include "base/error.h"
#include "net/address.h"

namespace gw::http {

struct Url {
  bool https = false;
  net::HostPort address;  // The host is decoded and without brackets.
  std::string authority;  // As a Host field: without the default port.
  std::string target;     // Path and query; begins with a slash.

  std::string_view path() const { return std::string_view(target).substr(0, target.find('?')); }
  // "https://example.org/path": without the query, which may hold secrets.
  std::string shown() const;
};

// http and https only, without credentials; a fragment is dropped. Errc::invalid says what is wrong ("it has no host")
// and shows no part of the text.
Result<Url> parse_url(std::string_view text);

}  // namespace gw::http
