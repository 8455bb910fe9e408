// Newline-delimited messages from the bytes of a pipe.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"

namespace gw::stdio {

// Feed bytes, then take lines until there is none. The same bytes give the same lines, however they are cut.
class LineFramer {
 public:
  explicit LineFramer(std::size_t max_line) : max_line_(max_line) {}

  // `bytes` must stay valid until next() has returned nothing. The bytes fed before must have been used up.
  void feed(std::string_view bytes) { input_ = bytes; }

  // The next complete line that is not blank, without its end; valid until the next call. Nothing when more bytes are
  // needed. Errc::too_large, which is final, once a line exceeds the limit: the message in it is lost.
  Result<std::optional<std::string_view>> next();

 private:
  std::optional<std::string_view> take_line();

  std::size_t max_line_;
  std::string_view input_;
  std::string part_;        // The beginning of a line whose end has not come yet.
  bool part_done_ = false;  // part_ was given out as a line.
  bool too_large_ = false;
};

}  // namespace gw::stdio
