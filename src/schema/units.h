// Durations and sizes as people write them: "30s", "1h30m", "250ms", "64KiB", "1MiB".
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "runtime/time.h"

namespace gw::schema {

// Whole numbers with the units ms, s, m, h, d, each at most once and the larger first; "0" needs none. At most 10,000
// days.
std::optional<Duration> parse_duration(std::string_view text);
// The shortest text that parse_duration reads back, exact to the millisecond: "1h30m", "0s".
std::string format_duration(Duration duration);

// A whole number of bytes, or with one of the units B, KiB, MiB, GiB. Nothing when it does not fit 64 bits.
std::optional<std::uint64_t> parse_size(std::string_view text);
std::string format_size(std::uint64_t bytes);

}  // namespace gw::schema
