// The joined lists of one worker.
#pragma once

#include <array>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "catalogue/page.h"
#include "federation/caller.h"
#include "federation/counters.h"

namespace gw::federation {

using ViewPtr = std::shared_ptr<const catalogue::View>;

// Belongs to one worker. What a caller sees is decided once and remembered; callers who see the same share the bytes.
class ViewCache {
 public:
  // `max_bytes` of joined lists; past that, everything is made anew.
  ViewCache(const access::Access& access, const Backends& backends, std::size_t max_bytes, Counters& counters)
      : access_(access), backends_(backends), max_bytes_(max_bytes), counters_(counters) {}

  ViewPtr view(const Caller& caller, catalogue::Kind kind);
  // Something changed that the views depend on: the snapshot, routes, settings.
  void clear();

 private:
  // Policies may hold at certain times only: then nothing is remembered for longer.
  static constexpr Duration longest_with_rules = std::chrono::seconds(10);
  static constexpr std::size_t max_callers = 20'000;

  struct Entry {
    ViewPtr view;
    SteadyTime until;
  };
  struct Kind {
    std::unordered_map<std::string, Entry> by_caller;
    std::unordered_map<std::string, ViewPtr> by_content;  // A character for each item of the snapshot.
  };
  ViewPtr make(const Caller& caller, catalogue::Kind kind);

  const access::Access& access_;
  const Backends& backends_;
  const std::size_t max_bytes_;
  Counters& counters_;
  catalogue::SnapshotPtr snapshot_;  // That everything here was made of.
  std::array<Kind, catalogue::kinds> kinds_;
  std::size_t bytes_ = 0;
};

}  // namespace gw::federation
