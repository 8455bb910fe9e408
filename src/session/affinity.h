// Which endpoint of an adapter gets a request that no session binds. Pure functions; the caller passes only the
// endpoints that are ready, and keeps the counts.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace gw::session {

struct Candidate {
  std::string_view endpoint;   // Its id.
  std::uint32_t sessions = 0;  // That were sent to it.
};

// The indices of all endpoints, first the one that `key` (a principal, a session) belongs to, by rendezvous hashing,
// then those that take over when it cannot be reached: the same for every gateway and every order of the candidates.
// When one comes or goes, only its own keys move, and those of a lost one go to all others alike.
std::vector<std::size_t> rank_for_key(std::string_view key, std::span<const Candidate> candidates);

// The index of the endpoint for a new session: the one with the fewest. `turn` chooses among equals; pass a counter or
// a random number.
std::optional<std::size_t> choose_for_new_session(std::span<const Candidate> candidates, std::uint64_t turn);

}  // namespace gw::session
