// Keeping up with what a server offers.
#include "peer/lister.h"

#include <fmt/ranges.h>

#include "peer/fake_server.h"

namespace gw::peer {
namespace {

using testing::run;

std::string tool(std::string_view name) {
  return fmt::format(R"({{"name":"{}","inputSchema":{{"type":"object"}}}})", name);
}

// Patient enough for tests, and quick enough.
ListerOptions quick() {
  return {.page_timeout = std::chrono::milliseconds(500),
          .shortest_interval = std::chrono::milliseconds(20),
          .debounce = std::chrono::milliseconds(5),
          .first_retry = std::chrono::milliseconds(10),
          .longest_retry = std::chrono::milliseconds(40)};
}

// A server with tools that change, and a lister of it.
struct Scene {
  FakeServer server;
  World world;
  std::vector<std::vector<std::string>> pages{{"one", "two"}};  // Of tools.
  std::string more;                                             // Members of each page.
  bool broken = false;
  std::vector<catalogue::ListingPtr> listings;
  Event changed;
  std::optional<Lister> lister;

  explicit Scene(Dialect dialect = Dialect::legacy) : server(dialect) {
    server.capabilities = R"({"tools":{"listChanged":true}})";
    server.on["tools/list"] = [this](http::Exchange& exchange, Received r) -> Task<Result<>> {
      if (broken) co_return co_await exchange.respond(500, "text/plain", "");
      const std::string_view cursor = mcp::json_member(r.params, "cursor");
      const std::size_t page = cursor.empty() ? 0 : *parse_unsigned(mcp::json_unquote(cursor));
      std::vector<std::string> tools;
      for (const std::string& name : pages.at(page)) tools.push_back(name.starts_with('{') ? name : tool(name));
      const std::string next = page + 1 < pages.size() ? fmt::format(R"(,"nextCursor":"{}")", page + 1) : "";
      co_return co_await FakeServer::result(exchange, r,
                                            fmt::format(R"({{"tools":[{}]{}{}}})", fmt::join(tools, ", "), next, more));
    };
    world.set(server);
  }
  void begin(ListerOptions options = quick()) {
    lister.emplace(world.outbound,
                   ListedAdapter{.adapter = "a", .prefix = "p", .tags = {"t"}, .categories = {}, .hint = "h"}, options,
                   [this](catalogue::ListingPtr listing) {
                     listings.push_back(std::move(listing));
                     changed.pulse();
                   });
  }
  Task<> until(std::function<bool()> holds) {
    while (!holds()) co_await changed;
  }
  Task<> until_listed(std::size_t times = 1) {
    co_await until([&] { return listings.size() >= times; });
  }
  std::vector<std::string> names() const {
    std::vector<std::string> out;
    if (lister->listing() == nullptr) return out;
    for (const auto& definition : lister->listing()->definitions) out.push_back(definition.name);
    return out;
  }
};

TEST(Lister, ListsAllPagesAsTheBytesThatCame) {
  run([]() -> Task<> {
    Scene scene;
    scene.pages = {{"one", R"({ "name":"two","inputSchema":{"type":"object"},"x":9007199254740993 })"}, {}, {"three"}};
    scene.begin();
    co_await scene.until_listed();
    EXPECT_THAT(scene.names(), ::testing::ElementsAre("one", "two", "three"));
    const catalogue::Listing& listing = *scene.listings[0];
    EXPECT_EQ(listing.definitions[1].json, R"({ "name":"two","inputSchema":{"type":"object"},"x":9007199254740993 })");
    EXPECT_EQ(listing.adapter, "a");
    EXPECT_EQ(listing.prefix, "p");
    EXPECT_EQ(listing.hint, "h");
    EXPECT_EQ(listing.capabilities, scene.server.capabilities);
    EXPECT_EQ(scene.server.count("prompts/list"), 0u) << "the server has no such capability";
    const ListerStatus& status = scene.lister->status();
    EXPECT_EQ(status.counts[0], 3u);
    const Received first = co_await scene.server.until_received("initialize");
    EXPECT_EQ(mcp::json_member(first.params, "capabilities"), "{}");
  });
}

TEST(Lister, KeepsTheGoodItemsOfAListWithBadOnes) {
  run([]() -> Task<> {
    Scene scene;
    scene.pages = {{"good", R"({"name":"bad"})", R"({"title":"nameless"})"}};
    scene.begin();
    co_await scene.until_listed();
    EXPECT_THAT(scene.names(), ::testing::ElementsAre("good"));
    const auto& invalid = scene.listings[0]->invalid;
    EXPECT_EQ(invalid.size(), 2u);
    EXPECT_EQ(invalid.at(0).name, "bad");
    EXPECT_EQ(invalid.at(1).name, "#2");
  });
}

TEST(Lister, ListsAgainOnlyWhatTheServerSaysHasChanged) {
  run([]() -> Task<> {
    Event speak;
    Scene scene;
    scene.server.capabilities = R"({"tools":{"listChanged":true},"prompts":{"listChanged":true}})";
    scene.server.on["prompts/list"] = [](http::Exchange& exchange, Received r) -> Task<Result<>> {
      co_return co_await FakeServer::result(exchange, r, R"({"prompts":[{"name":"p"}]})");
    };
    scene.server.on["GET"] = [&](http::Exchange& exchange, Received) -> Task<Result<>> {
      FakeStream stream(exchange);
      co_await stream.open();
      co_await speak;
      for (int i = 0; i < 5; ++i) {
        co_await stream.event(R"({"jsonrpc":"2.0","method":"notifications/tools/list_changed"})");
      }
      Event never;
      co_await never;
      co_return Result<>();
    };
    scene.begin();
    co_await scene.until_listed();
    EXPECT_TRUE(scene.lister->status().listening);
    EXPECT_EQ(scene.server.count("tools/list"), 1u) << "the stream was there before the list";
    scene.pages = {{"three"}};
    speak.set();
    co_await scene.until_listed(2);
    EXPECT_THAT(scene.names(), ::testing::ElementsAre("three", "p"));
    EXPECT_LE(scene.server.count("tools/list"), 3u) << "five changes at once are one or two lists";
    EXPECT_EQ(scene.server.count("prompts/list"), 1u);
  });
}

TEST(Lister, SaysNothingWhenNothingIsDifferent) {
  run([]() -> Task<> {
    Scene scene;
    scene.begin();
    co_await scene.until_listed();
    scene.lister->refresh();
    co_await scene.server.until_received("tools/list", 2);
    scene.lister->refresh();
    co_await scene.server.until_received("tools/list", 3);
    EXPECT_EQ(scene.listings.size(), 1u);
    scene.lister->describe({.adapter = "a", .prefix = "new", .tags = {}, .categories = {}, .hint = {}});
    EXPECT_EQ(scene.listings.size(), 2u);
    EXPECT_EQ(scene.listings[1]->prefix, "new");
  });
}

TEST(Lister, KeepsWhatItHasForAWhileWhenTheServerFails) {
  run([]() -> Task<> {
    Scene scene;
    ListerOptions options = quick();
    options.grace = std::chrono::milliseconds(100);
    scene.begin(options);
    co_await scene.until_listed();
    scene.broken = true;
    const SteadyTime begun = steady_now();
    scene.lister->refresh();
    co_await scene.until([&] { return scene.listings.size() == 2; });
    EXPECT_EQ(scene.listings[1], nullptr);
    EXPECT_GE(steady_now() - begun, std::chrono::milliseconds(100));
    EXPECT_GE(scene.server.count("tools/list"), 4u);
    scene.broken = false;
    co_await scene.until([&] { return scene.listings.size() == 3; });
    EXPECT_THAT(scene.names(), ::testing::ElementsAre("one", "two"));
  });
}

TEST(Lister, TellsWhatIsWrong) {
  run([]() -> Task<> {
    Scene scene;
    scene.broken = true;
    scene.begin();
    co_await scene.server.until_received("tools/list", 3);
    co_await yield();
    const ListerStatus& status = scene.lister->status();
    EXPECT_EQ(status.state, ListerState::failed);
    EXPECT_NE(status.error.find("500"), std::string::npos) << status.error;
    EXPECT_GE(status.attempts, 2u);
    EXPECT_EQ(status.dialect, "legacy");
    EXPECT_EQ(status.version, "2025-11-25");
    EXPECT_THAT(scene.listings, ::testing::Each(::testing::IsNull()));
  });
}

TEST(Lister, OneKindThatFailsDoesNotHideTheOthers) {
  run([]() -> Task<> {
    Scene scene;
    scene.server.capabilities = R"({"tools":{},"prompts":{},"resources":{}})";
    scene.server.on["prompts/list"] = [](http::Exchange& exchange, Received r) -> Task<Result<>> {
      co_return co_await FakeServer::error(exchange, r, 200, -32603, "prompts are broken");
    };
    scene.server.on["resources/list"] = [](http::Exchange& exchange, Received r) -> Task<Result<>> {
      co_return co_await FakeServer::result(exchange, r, R"({"resources":[{"uri":"x:1","name":"x"}]})");
    };
    scene.server.on["resources/templates/list"] = [](http::Exchange& exchange, Received r) -> Task<Result<>> {
      co_return co_await FakeServer::error(exchange, r, 200, -32601, "what?");
    };
    scene.begin();
    co_await scene.until_listed();
    EXPECT_THAT(scene.names(), ::testing::ElementsAre("one", "two", "x:1"));
    co_await scene.server.until_received("prompts/list", 2);
    EXPECT_EQ(scene.lister->status().state, ListerState::stale);
    EXPECT_NE(scene.lister->status().error.find("prompts are broken"), std::string::npos);
    EXPECT_EQ(scene.server.count("tools/list"), 1u) << "only what failed is asked for again";
  });
}

TEST(Lister, RefusesListsWithoutAnEnd) {
  run([]() -> Task<> {
    const auto error_with = [](ListerOptions options, std::vector<std::vector<std::string>> pages,
                               std::string more) -> Task<std::string> {
      Scene scene;
      scene.pages = std::move(pages);
      scene.more = std::move(more);
      scene.begin(options);
      while (scene.lister->status().error.empty()) co_await sleep_for(std::chrono::milliseconds(1));
      EXPECT_THAT(scene.listings, ::testing::Each(::testing::IsNull()));
      co_return scene.lister->status().error;
    };
    ListerOptions options = quick();
    EXPECT_THAT(co_await error_with(options, {{"a"}}, R"(,"nextCursor":"0")"), ::testing::HasSubstr("circles"));
    options.max_pages = 3;
    EXPECT_THAT(co_await error_with(options, {{"a"}, {"b"}, {"c"}, {"d"}}, ""), ::testing::HasSubstr("3 pages"));
    options = quick();
    options.max_items = 2;
    EXPECT_THAT(co_await error_with(options, {{"a", "b", "c"}}, ""), ::testing::HasSubstr("2 tools"));
    options = quick();
    options.max_bytes = 100;
    EXPECT_THAT(co_await error_with(options, {{"a"}, {"b"}, {"c"}}, ""), ::testing::HasSubstr("100 bytes"));
  });
}

TEST(Lister, AHangingServerIsGivenUp) {
  run([]() -> Task<> {
    Event never_answered;
    Scene scene;
    scene.server.on["tools/list"] = [&](http::Exchange&, Received) -> Task<Result<>> {
      co_await never_answered;
      co_return Result<>();
    };
    ListerOptions options = quick();
    options.page_timeout = std::chrono::milliseconds(50);
    scene.begin(options);
    co_await scene.server.until_received("tools/list", 2);
    EXPECT_EQ(scene.lister->status().state, ListerState::failed);
    EXPECT_NE(scene.lister->status().error.find("did not answer tools/list"), std::string::npos)
        << scene.lister->status().error;
    co_await scene.server.until_received("notifications/cancelled");
  });
}

TEST(Lister, AServerWhoseStreamCannotBeOpenedAgainIsLookedAtAtOnce) {
  run([]() -> Task<> {
    Scene scene(Dialect::modern);
    Event gone;
    scene.server.on["subscriptions/listen"] = [&](http::Exchange& exchange, Received) -> Task<Result<>> {
      FakeStream stream(exchange);
      co_await stream.open();
      co_await stream.event(
          R"({"jsonrpc":"2.0","method":"notifications/subscriptions/acknowledged","params":{"notifications":{"toolsListChanged":true}}})");
      co_await gone;
      co_return co_await stream.close();
    };
    ListerOptions options = quick();  // It polls every five minutes.
    options.grace = std::chrono::milliseconds(50);
    scene.begin(options);
    co_await scene.until_listed();
    EXPECT_EQ(scene.lister->status().state, ListerState::ready);
    scene.server.vanish();
    gone.set();
    co_await scene.until_listed(2);
    EXPECT_EQ(scene.listings[1], nullptr) << "withdrawn";
  });
}

TEST(Lister, PollsSoonerWhenTheServerSaysHowLongItsListIsFresh) {
  run([]() -> Task<> {
    Scene scene(Dialect::modern);
    scene.server.capabilities = R"({"tools":{}})";
    scene.more = R"(,"ttlMs":20,"cacheScope":"public")";
    ListerOptions options = quick();
    options.shortest_poll = std::chrono::milliseconds(10);
    scene.begin(options);
    co_await scene.server.until_received("tools/list", 4);
    EXPECT_EQ(scene.lister->status().dialect, "modern");
    EXPECT_FALSE(scene.lister->status().listening);
    scene.pages = {{"new"}};
    co_await scene.until_listed(2);
    EXPECT_THAT(scene.names(), ::testing::ElementsAre("new"));
  });
}

TEST(Lister, AServerThatChangesAllTheTimeIsListedAtItsPace) {
  run([]() -> Task<> {
    Scene busy;
    Scene calm;
    ListerOptions options = quick();
    options.shortest_interval = std::chrono::milliseconds(100);
    busy.begin(options);
    co_await busy.until_listed();
    const SteadyTime begun = steady_now();
    const std::size_t before = busy.server.count("tools/list");
    calm.begin();
    while (steady_now() - begun < std::chrono::milliseconds(350)) {
      busy.lister->heard("notifications/tools/list_changed");
      co_await sleep_for(std::chrono::milliseconds(1));
    }
    EXPECT_LE(busy.server.count("tools/list") - before, 4u);
    EXPECT_GE(busy.server.count("tools/list") - before, 1u);
    EXPECT_THAT(calm.names(), ::testing::ElementsAre("one", "two"));
  });
}

TEST(Lister, FollowsItsAdapterToAnotherEndpoint) {
  run([]() -> Task<> {
    Scene scene;
    scene.begin();
    co_await scene.until_listed();
    FakeServer other(Dialect::modern);
    other.capabilities = R"({"tools":{}})";
    other.on["tools/list"] = [](http::Exchange& exchange, Received r) -> Task<Result<>> {
      co_return co_await FakeServer::result(exchange, r, R"({"tools":[)" + tool("moved") + "]}");
    };
    scene.world.set(other, "e2");
    scene.lister->refresh();
    co_await scene.until_listed(2);
    EXPECT_THAT(scene.names(), ::testing::ElementsAre("moved"));
    EXPECT_EQ(scene.lister->status().dialect, "modern");
  });
}

}  // namespace
}  // namespace gw::peer
