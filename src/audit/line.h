// Lines of the audit trail as text: docs/audit.md describes the format for readers.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "audit/record.h"

namespace gw::audit {

// Longer ones are never written and never read.
inline constexpr std::size_t longest_line = 32 << 10;
// What the first line of all names as the line before it.
inline constexpr std::string_view no_hash = "0000000000000000000000000000000000000000000000000000000000000000";

// The members of a record as JSON, without braces: `"time":"…",…,"request":"…"`. Values are cut to a length of their
// own; what is no UTF-8 is replaced, and everything that a terminal would obey is escaped.
std::string members_of(const Record& record, PreciseWallTime time);

// Makes a line, with its line feed, of such members. `last_hash` is that of the line before and becomes this one's.
std::string make_line(std::uint64_t seq, std::string_view members, std::string& last_hash);

// What the chain needs to know of a line.
struct Line {
  std::uint64_t seq = 0;
  std::string time;
  std::string previous;
  std::string hash;
  bool intact = false;  // The hash is that of the line.
};

// Nothing when the text, without its line feed, is no line of a trail.
std::optional<Line> read_line(std::string_view text);

}  // namespace gw::audit
