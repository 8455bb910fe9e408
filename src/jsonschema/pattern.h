// Regular expressions of schemas, in linear time.
#pragma once

#include <cstdint>
#include <expected>
#include <memory>
#include <string>
#include <string_view>

namespace re2 {
class RE2;
}

namespace gw::jsonschema {

// An expression as ECMA-262 writes it, for RE2. Look-around and back-references, which RE2 cannot do, are refused.
class Pattern {
 public:
  // Or the sentence that says what cannot be done.
  static std::expected<Pattern, std::string> compile(std::string_view source);

  // Whether it occurs anywhere in `text`.
  bool found_in(std::string_view text) const;
  const std::string& source() const { return source_; }

  // Bytes that it takes at most, however much is matched: the program, and the states that matching adds and keeps.
  std::size_t memory() const { return source_.size() + memory_; }
  // What found_in() takes at most, as steps of a check.
  std::uint64_t cost(std::string_view text) const { return 1 + text.size() * program_size_ / 4096; }

 private:
  std::string source_;
  std::size_t program_size_ = 0;  // Instructions.
  std::size_t memory_ = 0;
  std::shared_ptr<const re2::RE2> compiled_;
};

}  // namespace gw::jsonschema
