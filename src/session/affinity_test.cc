#include "session/affinity.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <string>
#include <vector>

namespace gw::session {
namespace {

TEST(Affinity, AKeyStaysWithItsEndpointWhateverTheOrder) {
  std::vector<Candidate> candidates{{"a"}, {"b"}, {"c"}};
  std::vector<Candidate> reversed(candidates.rbegin(), candidates.rend());
  for (int i = 0; i < 100; ++i) {
    const std::string key = "user" + std::to_string(i);
    EXPECT_EQ(candidates[rank_for_key(key, candidates)[0]].endpoint, reversed[rank_for_key(key, reversed)[0]].endpoint);
  }
}

TEST(Affinity, OnlyTheKeysOfALostEndpointMove) {
  const std::vector<Candidate> before{{"a"}, {"b"}, {"c"}};
  const std::vector<Candidate> after{{"a"}, {"c"}};
  for (int i = 0; i < 300; ++i) {
    const std::string key = std::to_string(i);
    const auto owner = before[rank_for_key(key, before)[0]].endpoint;
    if (owner != "b") EXPECT_EQ(after[rank_for_key(key, after)[0]].endpoint, owner);
  }
}

TEST(Affinity, AllOthersTakeOverTheKeysOfALostEndpoint) {
  const std::vector<Candidate> candidates{{"a"}, {"b"}, {"c"}};
  std::map<std::size_t, int> heirs;
  for (int i = 0; i < 3000; ++i) {
    const auto rank = rank_for_key(std::to_string(i), candidates);
    ASSERT_EQ(rank.size(), 3u);
    if (rank[0] == 1) ++heirs[rank[1]];
  }
  EXPECT_NEAR(heirs[0], 500, 100);
  EXPECT_NEAR(heirs[2], 500, 100);
}

TEST(Affinity, KeysSpreadEvenly) {
  const std::vector<Candidate> candidates{{"replica-0"}, {"replica-1"}, {"replica-2"}, {"replica-3"}};
  std::map<std::size_t, int> count;
  for (int i = 0; i < 4000; ++i) ++count[rank_for_key("user" + std::to_string(i), candidates)[0]];
  for (const auto& [index, keys] : count) EXPECT_NEAR(keys, 1000, 150) << index;
}

TEST(Affinity, ANewSessionGoesToAnEndpointWithTheFewestInTurn) {
  const std::vector<Candidate> candidates{{"a", 3}, {"b", 1}, {"c", 1}};
  EXPECT_EQ(choose_for_new_session(candidates, 0), 1u);
  EXPECT_EQ(choose_for_new_session(candidates, 1), 2u);
  EXPECT_EQ(choose_for_new_session(candidates, 2), 1u);
}

TEST(Affinity, WithoutEndpointsThereIsNoChoice) {
  EXPECT_TRUE(rank_for_key("x", {}).empty());
  EXPECT_EQ(choose_for_new_session({}, 7), std::nullopt);
}

}  // namespace
}  // namespace gw::session
