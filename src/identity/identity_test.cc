#include <gtest/gtest.h>

#include "identity/ownership.h"
#include "identity/principal.h"

namespace gw::identity {
namespace {

TEST(Principal, SurvivesTheWayThroughTheGateway) {
  const Principal who{.method = Method::token,
                      .user = "alice\n\"x\"",
                      .name = "Älice",
                      .issuer = "https://issuer.example",
                      .client_id = "app",
                      .api_key = "k",
                      .roles = {"a", "b,c"},
                      .groups = {"g"},
                      .scopes = {"s1", "s2"},
                      .expires = 1'900'000'000};
  const std::string text = to_text(who);
  EXPECT_EQ(text.find_first_of("\r\n "), std::string::npos);
  const PrincipalPtr back = from_text(text);
  ASSERT_NE(back, nullptr);
  EXPECT_EQ(*back, who);
  for (const char* bad : {"", "x", "W10", "WzFd", "bnVsbA"}) EXPECT_EQ(from_text(bad), nullptr) << bad;
}

TEST(Ownership, RolesAreComparedWithoutCaseAndUsersWithIt) {
  const Ownership what{.created_by = "alice", .required_roles = {"Readers"}};
  EXPECT_TRUE(may_read({.user = "alice"}, what));
  EXPECT_TRUE(may_write({.user = "alice"}, what));
  EXPECT_FALSE(may_read({.user = "Alice"}, what));
  EXPECT_TRUE(may_read({.user = "bob", .roles = {"readers"}}, what));
  EXPECT_FALSE(may_write({.user = "bob", .roles = {"readers"}}, what));
  EXPECT_TRUE(may_write({.user = "bob", .roles = {"MCP.Admin"}}, what));
  EXPECT_FALSE(may_read({.user = "bob", .roles = {"mcp.engineer"}}, what));
}

TEST(Ownership, NobodyOwnsWhatNobodyCreated) {
  EXPECT_FALSE(may_read({}, {}));
  EXPECT_FALSE(may_write({}, {}));
}

TEST(Ownership, TheStarIsForEverybodyButOnlyForReading) {
  const Ownership what{.created_by = "configuration", .required_roles = {"*"}};
  EXPECT_TRUE(may_read({.user = "bob"}, what));
  EXPECT_FALSE(may_write({.user = "bob"}, what));
}

}  // namespace
}  // namespace gw::identity
