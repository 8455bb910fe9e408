// Approving what pinned servers changed.
#include "control/approvals_api.h"

#include <gmock/gmock.h>

#include "control/api_fixture.h"

namespace gw::control {
namespace {

using catalogue::tool;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

const catalogue::Definition search = tool("search");
const catalogue::Definition changed = tool("search", R"(,"description":"changed")");
const catalogue::Definition changed_again = tool("search", R"(,"description":"changed again")");

std::string body(const catalogue::Definition& definition) {
  return fmt::format(R"({{"items":[{{"kind":"tool","name":"{}","hash":"{}"}}]}})", definition.name, definition.hash);
}

// A gateway with a pinned adapter of the file that changed its tool.
struct Scene : Gateway {
  Scene() : Gateway({pinned()}) {}

  static model::AdapterSpec pinned() {
    auto spec = remote("web");
    spec.pinned = true;
    return spec;
  }
  Task<> begin() {
    co_await start();
    offer("web", {search});
    offer("web", {changed});
  }
  std::vector<std::string> shown() const { return catalogue::names(snapshot); }
};

constexpr const char* path = "/adapters/web/approvals";

TEST(Approvals, WhatWaitsIsShownAndMayBeSentBackAsItCame) {
  testing::run([]() -> Task<> {
    Scene g;
    co_await g.begin();
    EXPECT_THAT(g.shown(), IsEmpty());
    const auto state = (co_await g.ask("GET", path)).json();
    EXPECT_EQ(state.at("pinned"), true);
    EXPECT_EQ(state.at("approved").at(0).at("hash").as_string(), search.hash);
    EXPECT_TRUE(state.at("approved").at(0).at("approvedBy").is_null());
    EXPECT_EQ(state.at("waiting").at(0).at("hash").as_string(), changed.hash);
    EXPECT_EQ(state.at("waiting").at(0).at("change"), "changed");
    const auto approved = co_await g.ask("POST", path, R"({"items":)" + json::to_text(state.at("waiting")) + "}");
    EXPECT_EQ(approved.status, 200);
    EXPECT_THAT(approved.json().at("waiting").as_array(), IsEmpty());
    EXPECT_EQ(approved.json().at("approved").at(0).at("hash").as_string(), changed.hash);
    EXPECT_EQ(approved.json().at("approved").at(0).at("approvedBy"), "anonymous");
    EXPECT_THAT(g.shown(), ElementsAre("search"));
  });
}

TEST(Approvals, ADefinitionThatChangedOnceMoreIsNotApproved) {
  testing::run([]() -> Task<> {
    Scene g;
    co_await g.begin();
    g.offer("web", {changed_again});
    const auto refused = co_await g.ask("POST", path, body(changed));
    EXPECT_EQ(refused.status, 409);
    EXPECT_THAT(refused.wrong_fields(), ElementsAre("items[0]"));
    EXPECT_THAT(refused.body, HasSubstr("tool 'search' of 'web' is another now"));
    EXPECT_THAT(g.shown(), IsEmpty());
    EXPECT_TRUE(g.records.empty());
    EXPECT_EQ((co_await g.ask("POST", path, body(changed_again))).status, 200);
    EXPECT_THAT(g.shown(), ElementsAre("search"));
  });
}

TEST(Approvals, AreAllOrNothing) {
  testing::run([]() -> Task<> {
    Scene g;
    co_await g.begin();
    const std::string items = fmt::format(
        R"({{"items":[{{"kind":"tool","name":"search","hash":"{}"}},{{"kind":"prompt","name":"search","hash":"x"}}]}})",
        changed.hash);
    const auto refused = co_await g.ask("POST", path, items);
    EXPECT_EQ(refused.status, 409);
    EXPECT_THAT(refused.wrong_fields(), ElementsAre("items[1]"));
    EXPECT_THAT(g.shown(), IsEmpty());
  });
}

TEST(Approvals, WhatIsWrongIsSaid) {
  testing::run([]() -> Task<> {
    Scene g;
    co_await g.begin();
    EXPECT_THAT((co_await g.ask("POST", path, "{}")).wrong_fields(), ElementsAre("items"));
    EXPECT_THAT((co_await g.ask("POST", path, R"({"items":[]})")).wrong_fields(), ElementsAre("items"));
    EXPECT_THAT((co_await g.ask("POST", path, R"({"items":[{"kind":"tools","name":"search"}]})")).wrong_fields(),
                ElementsAre("items[0].kind", "items[0].hash"));
    EXPECT_EQ((co_await g.ask("GET", "/adapters/none/approvals")).status, 404);
  });
}

TEST(Approvals, OfAnAdapterThatIsNotPinnedAreRefused) {
  testing::run([]() -> Task<> {
    Gateway g({remote("web")});
    co_await g.start();
    g.offer("web", {search});
    const auto state = (co_await g.ask("GET", path)).json();
    EXPECT_EQ(state.at("pinned"), false);
    EXPECT_THAT(state.at("approved").as_array(), IsEmpty());
    const auto refused = co_await g.ask("POST", path, body(search));
    EXPECT_EQ(refused.status, 409);
    EXPECT_THAT(refused.body, HasSubstr("not pinned"));
  });
}

TEST(Approvals, AreInTheAuditTrail) {
  testing::run([]() -> Task<> {
    Scene g;
    co_await g.begin();
    g.audit_is_full = true;
    EXPECT_EQ((co_await g.ask("POST", path, body(changed))).status, 503);
    EXPECT_THAT(g.shown(), IsEmpty());
    g.audit_is_full = false;
    co_await g.ask_as(person("ada", {"mcp.admin"}), "POST", path, body(changed));
    EXPECT_EQ(g.records.size(), 2u);
    EXPECT_EQ(g.records[0].action, "adapter.approve");
    EXPECT_EQ(g.records[0].user, "ada");
    EXPECT_EQ(g.records[0].adapter, "web");
    EXPECT_EQ(g.records[0].item, "tool 'search' " + changed.hash);
    EXPECT_EQ(g.records[1].answer, "done");
  });
}

TEST(Approvals, AreForWhoMayChangeTheAdapter) {
  testing::run([]() -> Task<> {
    Scene g;
    co_await g.begin();
    const auto bob = person("bob");
    EXPECT_EQ((co_await g.ask_as(bob, "POST", path, body(changed))).status, 404);
    EXPECT_EQ((co_await g.ask_as(bob, "GET", path)).status, 404);
    const std::string mine = R"({"name":"mine","url":"http://127.0.0.1:9/mcp","pinned":true,"requiredRoles":["*"]})";
    EXPECT_EQ((co_await g.ask_as(bob, "POST", "/adapters", mine)).status, 201);
    g.offer("mine", {tool("a")});
    g.offer("mine", {tool("b")});
    const auto eve = person("eve");
    EXPECT_EQ((co_await g.ask_as(eve, "GET", "/adapters/mine/approvals")).status, 200);
    EXPECT_EQ((co_await g.ask_as(eve, "POST", "/adapters/mine/approvals", body(tool("b")))).status, 403);
    EXPECT_EQ((co_await g.ask_as(bob, "POST", "/adapters/mine/approvals", body(tool("b")))).status, 200);
    EXPECT_EQ((co_await g.ask("DELETE", "/adapters/mine")).status, 204);
  });
}

}  // namespace
}  // namespace gw::control
