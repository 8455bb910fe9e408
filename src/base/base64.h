// RFC 4648 base64: in its URL-safe alphabet, without padding, for what is ours; in the standard one for others.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace gw {

std::string base64url_encode(std::string_view bytes);
// In the standard alphabet, padded.
std::string base64_encode(std::string_view bytes);

// Decoding is strict, one text for one byte string: nothing for characters outside the alphabet, padding, impossible lengths or stray bits.
std::optional<std::string> base64url_decode(std::string_view text);

}  // namespace gw
