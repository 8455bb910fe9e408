// Registered tools in the REST API: what differs from adapters, and that the two share one name space.

#include <gmock/gmock.h>

#include "control/api_fixture.h"

namespace gw::control {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr std::string_view definition =
    R"({ "name":"weather", "x":9007199254740993, "inputSchema":{"type":"object","properties":{"city":{}}} })";

std::string weather(std::string_view more = "") {
  return fmt::format(R"({{"name":"weather","url":"http://127.0.0.1:9/api"{},"toolDefinition":{{"tool":{}}}}})", more,
                     definition);
}

TEST(ToolsApi, CreatesReadsReplacesAndDeletes) {
  testing::run([]() -> Task<> {
    Gateway g;
    co_await g.start();
    const auto created = co_await g.ask("POST", "/tools", weather());
    EXPECT_EQ(created.status, 201) << created.body;
    EXPECT_EQ(created.field("Location"), "/tools/weather");
    EXPECT_THAT(created.body, HasSubstr("\"tool\":" + std::string(definition) + ",\"port\":443,\"path\":\"/score\""));
    const auto tag = created.field("ETag");

    const auto read = co_await g.ask("GET", "/tools/weather");
    EXPECT_EQ(read.body, created.body);
    EXPECT_EQ((co_await g.ask("GET", "/tools/weather", "", "If-None-Match: " + tag + "\r\n")).status, 304);
    EXPECT_EQ((co_await g.ask("GET", "/tools")).body, '[' + read.body + ']');
    EXPECT_EQ((co_await g.ask("GET", "/tools/weather/status")).json().at("replicaStatus"), "Healthy");

    const auto replaced =
        co_await g.ask("PUT", "/tools/weather", weather(R"(,"description":"New.")"), "If-Match: " + tag + "\r\n");
    EXPECT_EQ(replaced.status, 200) << replaced.body;
    EXPECT_EQ((co_await g.ask("PUT", "/tools/weather", replaced.body, "If-Match: " + tag + "\r\n")).status, 412);
    EXPECT_EQ((co_await g.ask("PUT", "/tools/weather", replaced.body)).status, 200) << "what was read can be sent";
    EXPECT_EQ((co_await g.ask("DELETE", "/tools/weather")).status, 204);
    EXPECT_THAT((co_await g.ask("GET", "/tools/weather")).body, HasSubstr("there is no tool named 'weather'"));
    std::vector<std::string> actions;
    for (const auto& record : g.records) {
      if (record.answer == "done") actions.push_back(record.action + ' ' + record.adapter);
    }
    EXPECT_THAT(actions, ElementsAre("tool.create weather", "tool.update weather", "tool.update weather",
                                     "tool.delete weather"));
  });
}

TEST(ToolsApi, NeitherCollectionShowsWhatIsInTheOther) {
  testing::run([]() -> Task<> {
    Gateway g({remote("docs"), local("git")});
    co_await g.start();
    EXPECT_EQ((co_await g.ask("POST", "/tools", weather())).status, 201);
    const auto names = [](const Reply& reply) {
      std::vector<std::string> found;
      for (const auto& each : reply.json().as_array()) found.emplace_back(each.at("name").as_string());
      return found;
    };
    EXPECT_THAT(names(co_await g.ask("GET", "/adapters")), ElementsAre("docs", "git"));
    EXPECT_THAT(names(co_await g.ask("GET", "/tools")), ElementsAre("weather"));
    for (const char* rest : {"", "/status", "/logs"}) {
      EXPECT_EQ((co_await g.ask("GET", std::string("/adapters/weather") + rest)).status, 404) << rest;
      EXPECT_EQ((co_await g.ask("GET", std::string("/tools/git") + rest)).status, 404) << rest;
    }
    EXPECT_EQ((co_await g.ask("GET", "/adapters/git/logs")).status, 200);
    EXPECT_EQ((co_await g.ask("DELETE", "/adapters/weather")).status, 404);
    EXPECT_EQ((co_await g.ask("PUT", "/adapters/weather", R"({"name":"weather","url":"http://h/"})")).status, 404);
    EXPECT_EQ((co_await g.ask("PUT", "/tools/docs", weather())).status, 404);

    const auto status = (co_await g.ask("GET", "/status")).json();
    EXPECT_EQ(status.at("adapters").at("total").as_int64(), 2);
    EXPECT_EQ(json::to_text(status.at("tools").at("list")), R"([{"name":"weather","origin":"api","state":"ready"}])");
  });
}

TEST(ToolsApi, StatusSaysWhatCallsGetNoAnswer) {
  testing::run([]() -> Task<> {
    Gateway g;
    co_await g.start();
    EXPECT_EQ((co_await g.ask("POST", "/tools", weather())).status, 201);
    g.trouble["weather"] = {{"since", "2026-08-01T00:00:00Z"}, {"attempts", 3}, {"error", "refused"}};
    const auto status = (co_await g.ask("GET", "/status")).json();
    EXPECT_EQ(json::to_text(status.at("tools").at("list")),
              R"([{"name":"weather","origin":"api","state":"unreachable","since":"2026-08-01T00:00:00Z",)"
              R"("attempts":3,"error":"refused"}])");
  });
}

TEST(ToolsApi, ATakenNameSaysWhatHasIt) {
  testing::run([]() -> Task<> {
    Gateway g({remote("weather")});
    co_await g.start();
    const auto tool = co_await g.ask("POST", "/tools", weather());
    EXPECT_EQ(tool.status, 409);
    EXPECT_THAT(tool.body, HasSubstr("the name 'weather' is taken by an adapter"));
    const std::string other = R"({"name":"rain","url":"http://h/","toolDefinition":{"tool":
        {"name":"rain","inputSchema":{"type":"object"}}}})";
    EXPECT_EQ((co_await g.ask("POST", "/tools", other)).status, 201);
    const auto adapter = co_await g.ask("POST", "/adapters", R"({"name":"rain","url":"http://h/"})");
    EXPECT_EQ(adapter.status, 409);
    EXPECT_THAT(adapter.body, HasSubstr("the name 'rain' is taken by a tool"));
  });
}

TEST(ToolsApi, EveryMistakeOfADefinitionIsAFieldOfTheProblem) {
  testing::run([]() -> Task<> {
    Gateway g;
    co_await g.start();
    const auto reply = co_await g.ask("POST", "/tools", R"({"name":"weather","url":"ftp://h/","session":"shared",
        "toolDefinition":{"tool":{"name":"rain","inputSchema":{"type":"string"}},"path":"/{city}"}})");
    EXPECT_EQ(reply.status, 400);
    EXPECT_THAT(reply.wrong_fields(),
                ElementsAre("session", "toolDefinition.tool.name", "toolDefinition.tool.inputSchema.type",
                            "toolDefinition.path", "url"));
    EXPECT_THAT(reply.body, HasSubstr("the tool is not valid"));
  });
}

TEST(ToolsApi, WhoMayDoWhatIsDecidedAsForAdapters) {
  testing::run([]() -> Task<> {
    Gateway g;
    co_await g.start();
    const auto ann = person("ann");
    const auto bob = person("bob", {"readers"});
    EXPECT_EQ((co_await g.ask_as(ann, "POST", "/tools", weather(R"(,"requiredRoles":["readers"])"))).status, 201);
    EXPECT_EQ((co_await g.ask_as(bob, "GET", "/tools/weather")).status, 200);
    EXPECT_EQ((co_await g.ask_as(person("eve"), "GET", "/tools/weather")).status, 404);
    const auto denied = co_await g.ask_as(bob, "DELETE", "/tools/weather");
    EXPECT_EQ(denied.status, 403);
    EXPECT_THAT(denied.body, HasSubstr("tool 'weather' may be changed only by 'ann'"));
    const auto program = R"({"name":"p","command":"x","toolDefinition":{"tool":
        {"name":"p","inputSchema":{"type":"object"}}}})";
    EXPECT_EQ((co_await g.ask_as(ann, "POST", "/tools", program)).status, 403);
  });
}

}  // namespace
}  // namespace gw::control
