#include "base/sha256.h"

#include <openssl/evp.h>

#include <array>

#include "base/check.h"

namespace gw {

std::string sha256_hex(std::string_view bytes) {
  // Looked up once: each look-up of an algorithm takes longer than hashing a short text.
  static EVP_MD* const algorithm = EVP_MD_fetch(nullptr, "SHA256", nullptr);
  std::array<unsigned char, 32> digest;
  unsigned size = 0;
  GW_CHECK(EVP_Digest(bytes.data(), bytes.size(), digest.data(), &size, algorithm, nullptr) == 1);
  constexpr std::string_view digits = "0123456789abcdef";
  std::string text;
  text.reserve(2 * digest.size());
  for (const unsigned char byte : digest) (text += digits[byte >> 4]) += digits[byte & 15];
  return text;
}

}  // namespace gw
