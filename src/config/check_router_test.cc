#include "config/check_router.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "config/load.h"

namespace gw::config {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;

const std::string secret = "sixteen characters or more";

std::vector<std::string> problems_of(const RouterOptions& router) {
  std::vector<schema::Problem> problems;
  check_router(router, problems);
  std::vector<std::string> texts;
  for (const auto& problem : problems) texts.push_back(problem.field + ": " + problem.message);
  return texts;
}

TEST(RouterOptions, WithoutThemThereIsNothingToSay) {
  EXPECT_THAT(problems_of({}), IsEmpty());
}

TEST(RouterOptions, OneFileServesGatewaysAndRouters) {
  const std::vector<std::string> endpoints{"http://router-0:8000", "https://router-1/"};
  for (const RouterMode mode : {RouterMode::both, RouterMode::gateway, RouterMode::router}) {
    EXPECT_THAT(problems_of({.mode = mode, .endpoints = endpoints, .ca_file = {}, .secret = secret}), IsEmpty());
  }
}

TEST(RouterOptions, AGatewayNeedsRoutersAndBothNeedASecret) {
  EXPECT_THAT(problems_of({.mode = RouterMode::gateway}),
              ElementsAre(StartsWith("router.endpoints: a gateway without routers could answer nobody"),
                          StartsWith("router.secret: a gateway and its routers need a secret")));
  EXPECT_THAT(problems_of({.mode = RouterMode::router}), ElementsAre(StartsWith("router.secret: ")));
}

TEST(RouterOptions, SecretsAreLongAndReferencesWellFormed) {
  const auto with = [](std::string text) {
    return problems_of({.mode = RouterMode::router, .endpoints = {}, .ca_file = {}, .secret = std::move(text)});
  };
  EXPECT_THAT(with("short"), ElementsAre("router.secret: must have at least 16 characters"));
  EXPECT_THAT(with("${GATEWAY_SECRET}"), ElementsAre(StartsWith("router.secret: ")))
      << "what nobody replaced is no secret";
  EXPECT_THAT(with("${env:S}"), IsEmpty()) << "how long it is shows at the start";
}

TEST(RouterOptions, EndpointsAreOrigins) {
  const auto with = [](std::vector<std::string> endpoints) {
    return problems_of(
        {.mode = RouterMode::gateway, .endpoints = std::move(endpoints), .ca_file = {}, .secret = secret});
  };
  EXPECT_THAT(with({"router-0:8000"}), ElementsAre(StartsWith("router.endpoints[0]: ")));
  EXPECT_THAT(with({"http://r0", "http://r1/mcp"}),
              ElementsAre(HasSubstr("router.endpoints[1]: 'http://r1/mcp' has a path")));
  EXPECT_THAT(with({"http://r0", "http://r0"}), ElementsAre("router.endpoints[1]: this router is named twice"));
}

}  // namespace
}  // namespace gw::config
