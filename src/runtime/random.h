// Randomness from the kernel, fit for identifiers and keys.
#pragma once

#include <cstdint>
#include <string>

namespace gw {

std::string random_bytes(std::size_t count);
std::uint64_t random_u64();
// `bytes` random bytes as lower-case hexadecimal digits.
std::string random_hex(std::size_t bytes);

}  // namespace gw
