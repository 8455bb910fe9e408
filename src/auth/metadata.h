// What an issuer says about itself: authorization server metadata (RFC 8414) and OpenID Connect Discovery 1.0.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <boost/json/fwd.hpp>

#include "fetch/fetch.h"

namespace gw::auth {

// Where to look, in the order of the protocol's authorization chapter: the well-known name of RFC 8414 and that of
// OpenID Connect before the issuer's path, then the latter behind it. Errc::invalid when the issuer is no URL that may
// have metadata (RFC 8414, section 2: no query, no fragment).
Result<std::vector<std::string>> metadata_urls(std::string_view issuer);

// The first document of these whose `issuer` is `issuer`, byte by byte. `like` says how to ask: everything but the URL.
// Errors as fetch::fetch; Errc::upstream with what each of the URLs answered when none has such a document.
Task<Result<boost::json::value>> fetch_metadata(net::Resolver& resolver, std::string issuer, fetch::Request like);

}  // namespace gw::auth
