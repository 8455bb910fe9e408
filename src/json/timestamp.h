// RFC 3339 timestamps in UTC with milliseconds: "2026-08-21T09:30:00.125Z".
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "runtime/time.h"

namespace gw::json {

std::string format_timestamp(WallTime time);

// Takes any offset, and fractions of one to nine digits (cut to milliseconds). Nothing for what is no date-time.
std::optional<WallTime> parse_timestamp(std::string_view text);

}  // namespace gw::json
