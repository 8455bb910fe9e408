// What an intermediary does not pass on.
#pragma once

#include "http/fields.h"

namespace gw::http {

// Fields about one connection rather than about the message: RFC 9110 section 7.6.1, and what deployed software adds.
bool concerns_connection(Name name);

// Fields by which a client shows who it is or what it may do: meant for this gateway, never for an upstream, and never
// believed when they come from a client unless the gateway is configured to.
bool concerns_identity(Name name);

// Whether the Connection fields of a message name `field`.
bool is_named_in_connection(const Fields& fields, const Field& field);

}  // namespace gw::http
