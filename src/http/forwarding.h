// What an intermediary does not pass on.
#pragma once

#include "http/fields.h"

namespace gw::http {

// Fields about one connection rather than about the message: RFC 9110 section 7.6.1, and what deployed software adds.
bool concerns_connection(Name name);

// Whether the value of a Connection field names `field`.
bool is_named_in(std::string_view connection_list, const Field& field);

}  // namespace gw::http
