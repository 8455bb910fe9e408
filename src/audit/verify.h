// Checking a trail afterwards, without the gateway.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace gw::audit {

struct Break {
  std::string file;
  std::uint64_t line = 0;  // From 1; 0: the file as a whole.
  std::string what;        // A sentence about the line: "was changed: its hash is that of other text".
};

struct Verdict {
  std::uint64_t records = 0;
  std::uint64_t first_seq = 0;
  std::uint64_t last_seq = 0;
  std::string first_time;
  std::string last_time;
  std::string last_hash;  // Note it down elsewhere: a trail that was cut at its end is as valid as a whole one.

  static constexpr std::size_t max_breaks = 1000;
  std::vector<Break> breaks;  // The first max_breaks.
  std::uint64_t broken = 0;   // All of them.

  bool intact() const { return broken == 0; }
};

// Streams the files, given in the order in which they were written. With `after` a line of that hash must be among
// them, or come right before the first one. An error when a file cannot be read. The breaks are good guesses at what
// was done; that there is none is certain, short of a whole trail from some line on that was computed anew.
Result<Verdict> verify(const std::vector<std::filesystem::path>& files, std::string_view after = {});

// The files in the order of the numbers of their first lines; those that begin otherwise, or cannot be read, come
// first.
std::vector<std::filesystem::path> in_order(std::vector<std::filesystem::path> files);

}  // namespace gw::audit
