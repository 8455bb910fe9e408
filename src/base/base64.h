// RFC 4648 base64 in its URL-safe alphabet, without padding. Decoding is strict: one text for one byte string.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace gw {

std::string base64url_encode(std::string_view bytes);

// Nothing for characters outside the alphabet, padding, impossible lengths or stray bits.
std::optional<std::string> base64url_decode(std::string_view text);

}  // namespace gw
