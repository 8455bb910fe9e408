// A text that must not be shown.
#pragma once

#include <string>
#include <string_view>
#include <utility>

namespace gw {

// Cannot be printed, formatted, compared with == or turned into JSON; its memory is overwritten when it ends. Whoever
// needs the text says so with reveal(), which is what a reviewer looks for.
class SecretString {
 public:
  SecretString() = default;
  explicit SecretString(std::string text) : text_(std::move(text)) {}
  ~SecretString() { wipe(); }
  SecretString(const SecretString&) = default;
  SecretString(SecretString&& other) noexcept : text_(std::move(other.text_)) { other.wipe(); }
  SecretString& operator=(const SecretString& other);
  SecretString& operator=(SecretString&& other) noexcept;

  bool empty() const { return text_.empty(); }
  std::string_view reveal() const { return text_; }
  // In a time that depends on the length of `other` only.
  bool matches(std::string_view other) const;

 private:
  void wipe() noexcept;
  std::string text_;
};

}  // namespace gw
