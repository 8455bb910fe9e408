#include "runtime/random.h"

#include <sys/random.h>

#include <cerrno>
#include <cstring>

#include "base/check.h"

namespace gw {

std::string random_bytes(std::size_t count) {
  std::string bytes(count, '\0');
  for (std::size_t filled = 0; filled < count;) {
    const ssize_t n = ::getrandom(bytes.data() + filled, count - filled, 0);
    GW_CHECK(n > 0 || errno == EINTR, errno);
    if (n > 0) filled += static_cast<std::size_t>(n);
  }
  return bytes;
}

std::uint64_t random_u64() {
  std::uint64_t value = 0;
  std::memcpy(&value, random_bytes(sizeof value).data(), sizeof value);
  return value;
}

std::string random_hex(std::size_t bytes) {
  constexpr char digits[] = "0123456789abcdef";
  std::string text;
  for (const char byte : random_bytes(bytes)) {
    text.push_back(digits[static_cast<unsigned char>(byte) >> 4]);
    text.push_back(digits[static_cast<unsigned char>(byte) & 15]);
  }
  return text;
}

}  // namespace gw
