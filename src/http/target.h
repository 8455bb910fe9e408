// Request targets and query strings, RFC 9112 section 3.2 and RFC 3986.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "http/head.h"

namespace gw::http {

// Fills path, query and authority of `head` from its target and Host field. False when the target is neither
// origin-form nor absolute-form (nor "*" of OPTIONS), or has characters that no URI has.
bool split_target(RequestHead& head);

// The segments of a path between slashes: "/adapters/x/mcp" gives {"adapters", "x", "mcp"}. Not decoded, so that an
// encoded slash or dot never changes the shape; an empty segment is kept.
std::vector<std::string_view> path_segments(std::string_view path);

// Percent-decoding; nothing when a % is not followed by two hexadecimal digits, or the result has a NUL.
std::optional<std::string> percent_decode(std::string_view text);
std::string percent_encode(std::string_view text);

// The decoded value of the first parameter of that name in a query string.
std::optional<std::string> query_parameter(std::string_view query, std::string_view name);

}  // namespace gw::http
