// Limits as they are written in the configuration file. limits/limiter.h enforces them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "runtime/time.h"

namespace gw::limits {

// What is counted separately. What has no adapter, or is no tool call, is not counted per adapter or tool at all.
enum class Per { principal, adapter, tool };

// "100/1m": `count` in each `period`.
struct Rate {
  std::uint64_t count = 0;
  Duration period{};

  bool operator==(const Rate&) const = default;
};

// To what a rule applies: every list that is given has an element that fits. Globs are those of base/glob.h.
struct Match {
  std::vector<std::string> users;     // Globs.
  std::vector<std::string> roles;     // Without regard to case.
  std::vector<std::string> adapters;  // Globs. A rule that names some does not apply to the REST API.
  std::vector<std::string> tools;     // Globs. A rule that names some applies to tool calls only.

  bool operator==(const Match&) const = default;
};

struct Rule {
  std::string name;      // Unique; names the limit in errors and logs.
  std::vector<Per> per;  // Empty: all that it applies to is counted together.
  Match match;

  std::optional<Rate> rate;
  std::uint64_t burst = 0;        // How many may come at once; 0: `count` of the rate.
  std::uint32_t concurrency = 0;  // How many calls at once; 0: any number.
  std::uint32_t queue = 100;      // How many may wait for that, per counted thing.
  Duration queue_timeout = std::chrono::seconds(10);

  bool operator==(const Rule&) const = default;
};

using Rules = std::vector<Rule>;

}  // namespace gw::limits
