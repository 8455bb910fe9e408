#include "session/affinity.h"

#include <algorithm>

namespace gw::session {
namespace {

// FNV-1a: fixed forever, because gateways of different builds must agree.
std::uint64_t fnv1a(std::uint64_t hash, std::string_view text) {
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001B3;
  return hash;
}

// The finaliser of splitmix64: FNV alone leaves the high bits of short texts alike.
std::uint64_t mix(std::uint64_t x) {
  x = (x ^ x >> 30) * 0xBF58476D1CE4E5B9;
  x = (x ^ x >> 27) * 0x94D049BB133111EB;
  return x ^ x >> 31;
}

}  // namespace

std::vector<std::size_t> rank_for_key(std::string_view key, std::span<const Candidate> candidates) {
  struct Ranked {
    std::uint64_t weight;
    std::size_t place;
  };
  const std::uint64_t seed = mix(fnv1a(0xCBF29CE484222325, key));
  std::vector<Ranked> ranked;
  ranked.reserve(candidates.size());
  for (std::size_t i = 0; i < candidates.size(); ++i) ranked.push_back({mix(fnv1a(seed, candidates[i].endpoint)), i});
  std::ranges::sort(ranked, [&](const Ranked& a, const Ranked& b) {
    if (a.weight != b.weight) return a.weight > b.weight;
    return candidates[a.place].endpoint < candidates[b.place].endpoint;
  });
  std::vector<std::size_t> places;
  places.reserve(ranked.size());
  for (const Ranked& each : ranked) places.push_back(each.place);
  return places;
}

std::optional<std::size_t> choose_for_new_session(std::span<const Candidate> candidates, std::uint64_t turn) {
  if (candidates.empty()) return {};
  const auto fewer = [](const Candidate& a, const Candidate& b) { return a.sessions < b.sessions; };
  const std::uint32_t fewest = std::min_element(candidates.begin(), candidates.end(), fewer)->sessions;
  const auto is_least = [&](const Candidate& c) { return c.sessions == fewest; };
  auto skip = turn % static_cast<std::uint64_t>(std::count_if(candidates.begin(), candidates.end(), is_least));
  for (std::size_t i = 0;; ++i) {
    if (is_least(candidates[i]) && skip-- == 0) return i;
  }
}

}  // namespace gw::session
