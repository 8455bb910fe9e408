// Keeps a server that dies while it starts from being started over and over. One failure is forgiven.
#pragma once

#include <cstdint>
#include <string>

#include <fmt/core.h>

#include "base/error.h"
#include "runtime/backoff.h"
#include "runtime/random.h"
#include "runtime/time.h"

namespace gw::stdio {

class StartBackoff {
 public:
  explicit StartBackoff(const BackoffOptions& options) : options_(options) {}

  void succeeded() { *this = StartBackoff(options_); }

  void failed(SteadyTime now, std::string_view why) {
    until_ = now + backoff(options_, ++failures_, random_u64());
    why_ = why;
  }

  // Errc::unavailable until the next attempt is allowed.
  Result<> check(SteadyTime now) const {
    if (failures_ < 2 || now >= until_) return {};
    const auto wait = std::chrono::duration_cast<std::chrono::milliseconds>(until_ - now).count() + 1;
    return fail(
        Errc::unavailable,
        "The server failed to start {} times in a row; the next attempt is allowed in {} ms. The last time: {}.",
        failures_, wait, why_);
  }

  std::uint32_t failures() const { return failures_; }  // In a row.
  const std::string& why() const { return why_; }       // Of the last one.
  SteadyTime until() const { return until_; }

 private:
  BackoffOptions options_;
  std::uint32_t failures_ = 0;
  SteadyTime until_{};
  std::string why_;
};

}  // namespace gw::stdio
