// Names of header fields in what users declare.
#pragma once

#include <string_view>

namespace gw::model {

// RFC 9110, 5.6.2.
bool is_token(std::string_view text);

// Whether the gateway itself decides about the field on every connection to a server.
bool is_set_by_gateway(std::string_view name);

// Whether an argument of a call must not set it: also what would let whoever chooses the arguments pose as another,
// have the request understood as another one, or lead the server's own requests elsewhere ("Proxy" is HTTP_PROXY). '_'
// counts as '-': servers behind CGI read both alike.
bool is_kept_from_arguments(std::string_view name);

}  // namespace gw::model
