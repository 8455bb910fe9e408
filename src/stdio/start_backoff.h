// Keeps a server that dies while it starts from being started over and over.
#pragma once

#include <algorithm>
#include <string>

#include <fmt/core.h>

#include "base/error.h"
#include "runtime/time.h"

namespace gw::stdio {

// Times are passed in: the same history gives the same answers.
class StartBackoff {
 public:
  static constexpr Duration first = std::chrono::milliseconds(500);
  static constexpr Duration longest = std::chrono::seconds(30);

  void succeeded() { *this = {}; }

  void failed(SteadyTime now, std::string_view why) {
    wait_ = failures_++ == 0 ? first : std::min(wait_ * 2, longest);
    until_ = now + wait_;
    why_ = why;
  }

  // Errc::unavailable until the next attempt is allowed.
  Result<> check(SteadyTime now) const {
    if (failures_ == 0 || now >= until_) return {};
    return fail(Errc::unavailable,
                "The server failed to start {} times in a row; the next attempt is allowed in {} ms. {}", failures_,
                std::chrono::duration_cast<std::chrono::milliseconds>(until_ - now).count() + 1, why_);
  }

 private:
  int failures_ = 0;
  Duration wait_{};
  SteadyTime until_{};
  std::string why_;
};

}  // namespace gw::stdio
