// SHA-256 as people and files write it.
#pragma once

#include <string>
#include <string_view>

namespace gw {

// 64 lower-case hex digits.
std::string sha256_hex(std::string_view bytes);

}  // namespace gw
