#include "base/secret_string.h"

#include <openssl/crypto.h>

namespace gw {

SecretString& SecretString::operator=(const SecretString& other) {
  if (this != &other) {
    wipe();
    text_ = other.text_;
  }
  return *this;
}

SecretString& SecretString::operator=(SecretString&& other) noexcept {
  if (this != &other) {
    wipe();
    text_ = std::move(other.text_);
    other.wipe();
  }
  return *this;
}

bool SecretString::matches(std::string_view other) const {
  // Compared with itself when the lengths differ, so that the time is the same.
  const bool same_length = other.size() == text_.size();
  const std::string_view mine = same_length ? std::string_view(text_) : other;
  return CRYPTO_memcmp(mine.data(), other.data(), other.size()) == 0 && same_length;
}

void SecretString::wipe() noexcept {
  OPENSSL_cleanse(text_.data(), text_.size());
  text_.clear();
}

}  // namespace gw
