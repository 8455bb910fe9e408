#include "vault/cipher.h"

#include <gtest/gtest.h>

#include "base/base64.h"

namespace gw::vault {
namespace {

Cipher cipher_with(char fill) {
  return Cipher(SecretString(std::string(Cipher::key_size, fill)));
}

std::string opened(const Cipher& cipher, std::string_view name, std::string_view sealed) {
  const auto value = cipher.open(name, sealed);
  return value ? std::string(value->reveal()) : "error: " + value.error().message();
}

TEST(Cipher, OpensWhatItSealed) {
  const Cipher cipher = cipher_with('k');
  for (const std::string& value : {std::string("hunter2"), std::string(), std::string("\0\xff", 2), std::string(70'000, 'x')}) {
    EXPECT_EQ(opened(cipher, "name", cipher.seal("name", SecretString(value))), value);
  }
}

TEST(Cipher, SealsTheSameValueDifferentlyEachTimeAndHidesIt) {
  const Cipher cipher = cipher_with('k');
  const std::string first = cipher.seal("name", SecretString("hunter2"));
  EXPECT_NE(first, cipher.seal("name", SecretString("hunter2")));
  EXPECT_FALSE(base64url_decode(first)->contains("hunter2"));
}

TEST(Cipher, AnotherNameAnotherKeyOrAChangedByteDoNotOpen) {
  const Cipher cipher = cipher_with('k');
  const std::string sealed = cipher.seal("name", SecretString("hunter2"));
  const std::string refused = "error: the secret 'other' was sealed with another key";
  EXPECT_EQ(opened(cipher, "other", sealed), refused);
  EXPECT_FALSE(cipher_with('l').open("name", sealed));
  const std::string raw = *base64url_decode(sealed);
  for (std::size_t i = 0; i < raw.size(); ++i) {
    std::string changed = raw;
    changed[i] ^= 1;
    EXPECT_FALSE(cipher.open("name", base64url_encode(changed))) << i;
    EXPECT_FALSE(cipher.open("name", base64url_encode(raw.substr(0, i)))) << i;
  }
  EXPECT_FALSE(cipher.open("name", "no base64"));
}

}  // namespace
}  // namespace gw::vault
