#include "access/publisher.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "runtime/blocking_pool.h"
#include "testing/run.h"

namespace gw::access {
namespace {

using ::testing::HasSubstr;

struct World {
  model::ReferenceSources references{
      .env = [](const std::string& name) -> std::optional<std::string> {
        if (name == "LONG") return "long-enough-0123456789";
        if (name == "SHORT") return "short";
        return {};
      },
      .file = [](const std::string& path) -> Result<std::string> { return fail(Errc::not_found, "no {}", path); }};
  BlockingPool blocking{1};
  net::Resolver resolver{blocking};
  limits::Limiter limiter;
  std::vector<SettingsPtr> published;
  Publisher publisher{*Loop::current(), resolver, limiter,
                      [this](SettingsPtr settings) { published.push_back(std::move(settings)); }};
};

Declared with_key(std::string reference) {
  Declared declared{.origin = "http://127.0.0.1:8000"};
  declared.auth.keys.push_back({.name = "ci", .key = std::move(reference), .roles = {"r"}});
  return declared;
}

TEST(Publisher, WhatIsDeclaredIsPublished) {
  testing::run([]() -> Task<> {
    World world;
    auto prepared = world.publisher.prepare(with_key("${env:LONG}"), world.references);
    EXPECT_TRUE(prepared) << prepared.error().message();
    EXPECT_TRUE(world.published.empty());
    world.publisher.commit(*prepared);
    EXPECT_EQ(world.published.size(), 1u);
    const auto who = world.published.back()->auth->api_keys->find("long-enough-0123456789", wall_now());
    EXPECT_TRUE(who != nullptr && who->user == "key:ci");
    co_return;
  });
}

TEST(Publisher, WhatCannotBeResolvedChangesNothingAndSaysWhere) {
  testing::run([]() -> Task<> {
    World world;
    const auto missing = world.publisher.prepare(with_key("${env:MISSING}"), world.references);
    EXPECT_THAT(missing.error().message(), HasSubstr("auth.keys[0].key"));
    const auto brief = world.publisher.prepare(with_key("${env:SHORT}"), world.references);
    EXPECT_THAT(brief.error().message(), HasSubstr("auth.keys[0].key"));
    EXPECT_THAT(brief.error().message(), ::testing::Not(HasSubstr("short\"")));
    Declared trusted{.origin = "http://127.0.0.1:8000"};
    trusted.auth.trusted_header = auth::TrustedHeaderOptions{.secret = "${env:SHORT}"};
    EXPECT_THAT(world.publisher.prepare(trusted, world.references).error().message(),
                HasSubstr("auth.trustedHeader.secret"));
    Declared capable{.origin = "http://127.0.0.1:8000"};
    capable.auth.capabilities.public_key = "no key at all";
    EXPECT_THAT(world.publisher.prepare(capable, world.references).error().message(),
                HasSubstr("auth.capabilities.publicKey"));
    EXPECT_TRUE(world.published.empty());
    co_return;
  });
}

TEST(Publisher, KeysOfTheApiCountOnlyWhereTheyAreConfigured) {
  testing::run([]() -> Task<> {
    World world;
    const auto made = auth::make_api_key("x", {"r"}, "key:ci", wall_now(), {});
    world.publisher.set_api_keys({made.key});
    EXPECT_TRUE(world.published.empty());
    auto declared = with_key("${env:LONG}");
    world.publisher.commit(*world.publisher.prepare(declared, world.references));
    EXPECT_EQ(world.published.back()->auth->api_keys->find(made.made.reveal(), wall_now()), nullptr);
    declared.auth.api_keys = true;
    world.publisher.commit(*world.publisher.prepare(declared, world.references));
    EXPECT_NE(world.published.back()->auth->api_keys->find(made.made.reveal(), wall_now()), nullptr);
    world.publisher.set_api_keys({});
    EXPECT_EQ(world.published.back()->auth->api_keys->find(made.made.reveal(), wall_now()), nullptr);
    co_return;
  });
}

}  // namespace
}  // namespace gw::access
