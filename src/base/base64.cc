#include "base/base64.h"

#include <array>
#include <cstdint>

namespace gw {
namespace {

constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
constexpr std::string_view standard_alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

constexpr std::array<std::int8_t, 256> make_values() {
  std::array<std::int8_t, 256> values{};
  values.fill(-1);
  for (std::size_t i = 0; i < alphabet.size(); ++i)
    values[static_cast<unsigned char>(alphabet[i])] = static_cast<std::int8_t>(i);
  return values;
}
constexpr auto values = make_values();

std::string encode(std::string_view bytes, std::string_view letters) {
  std::string text;
  text.reserve((bytes.size() * 4 + 2) / 3);
  std::uint32_t bits = 0;
  int held = 0;
  for (const char byte : bytes) {
    bits = bits << 8 | static_cast<unsigned char>(byte);
    for (held += 8; held >= 6; held -= 6) text.push_back(letters[bits >> (held - 6) & 63]);
  }
  if (held > 0) text.push_back(letters[bits << (6 - held) & 63]);
  return text;
}

}  // namespace

std::string base64url_encode(std::string_view bytes) {
  return encode(bytes, alphabet);
}

std::string base64_encode(std::string_view bytes) {
  std::string text = encode(bytes, standard_alphabet);
  text.append((4 - text.size() % 4) % 4, '=');
  return text;
}

std::optional<std::string> base64url_decode(std::string_view text) {
  const std::size_t tail = text.size() % 4;
  if (tail == 1) return {};
  std::string bytes(text.size() * 3 / 4, '\0');
  char* out = bytes.data();
  const auto value = [&](std::size_t at) { return static_cast<int>(values[static_cast<unsigned char>(text[at])]); };
  std::size_t i = 0;
  for (; i + 4 <= text.size(); i += 4) {
    const int bits = value(i) << 18 | value(i + 1) << 12 | value(i + 2) << 6 | value(i + 3);
    if (bits < 0) return {};  // One of the four is no digit: -1 keeps its sign however it is shifted.
    *out++ = static_cast<char>(bits >> 16);
    *out++ = static_cast<char>(bits >> 8);
    *out++ = static_cast<char>(bits);
  }
  if (tail != 0) {
    const int bits = value(i) << 18 | value(i + 1) << 12 | (tail == 3 ? value(i + 2) << 6 : 0);
    const int stray = tail == 3 ? bits & 0xFF : bits & 0xFFFF;
    if (bits < 0 || stray != 0) return {};
    *out++ = static_cast<char>(bits >> 16);
    if (tail == 3) *out++ = static_cast<char>(bits >> 8);
  }
  return bytes;
}

}  // namespace gw
