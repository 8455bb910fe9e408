// The small parts by themselves.
#include "federation/fixture.h"
#include "federation/request_state.h"
#include "federation/results.h"

namespace gw::federation {
namespace {

TEST(ClientSession, CapabilitiesBecomeThoseOfTheModernRevision) {
  const auto capabilities = [](std::string_view said, std::string_view version = "2025-11-25") {
    return begin_session(version, said, R"({"name":"n"})").capabilities;
  };
  EXPECT_EQ(
      capabilities(
          R"({"roots":{"listChanged":true},"sampling":{"tools":{}},"elicitation":{},"tasks":{},"experimental":{"x":1}})"),
      R"({"roots":{},"sampling":{"tools":{}},"elicitation":{"form":{}},"experimental":{"x":1}})");
  EXPECT_EQ(capabilities(R"({"elicitation":{"form":{},"url":{}}})"), R"({"elicitation":{"form":{},"url":{}}})");
  EXPECT_EQ(capabilities(R"({"elicitation":{"url":{}}})"), R"({"elicitation":{"url":{}}})");
  EXPECT_EQ(capabilities(R"({"elicitation":{"form":{},"url":{}}})", "2025-06-18"), R"({"elicitation":{"form":{}}})");
  EXPECT_EQ(capabilities(""), "{}");
}

TEST(ClientSession, WhatIsTooLongForAnIdIsShortened) {
  session::Sealer sealer(shared_keys());
  const session::Owner owner{.adapter_uid = "mcp", .principal = "alice"};
  const std::string huge(2000, 'x');
  for (const auto& [capabilities, info] : std::vector<std::pair<std::string, std::string>>{
           {"{}", fmt::format(R"({{"name":"n","version":"1","description":"{}"}})", huge)},
           {fmt::format(R"({{"roots":{{}},"experimental":{{"{}":{{}}}}}})", huge), R"({"name":"n","version":"1"})"},
           {"{}", fmt::format(R"({{"name":"{}"}})", huge)}}) {
    const ClientSession session = begin_session("2025-11-25", capabilities, info);
    const auto id = seal(sealer, session, owner, 2'000'000'000);
    ASSERT_TRUE(id) << id.error().message();
    const auto opened = open(sealer, *id, owner, 1'000'000'000);
    ASSERT_TRUE(opened);
    EXPECT_EQ(opened->session, session);
    EXPECT_EQ(opened->expires, 2'000'000'000);
    EXPECT_NE(mcp::json_member(session.info, "name"), "");
  }
}

TEST(SessionCache, OpensForTheOwnerOnlyAndNotForEver) {
  session::Sealer sealer(shared_keys());
  SessionCache cache(sealer);
  const session::Owner alice{.adapter_uid = "mcp", .principal = "alice"};
  const ClientSession session = begin_session("2025-11-25", R"({"roots":{}})", R"({"name":"n","version":"1"})");
  const auto id = seal(sealer, session, alice, 2'000);
  ASSERT_TRUE(id) << id.error().message();
  const auto opened = cache.open(*id, alice, 1'000);
  ASSERT_TRUE(opened);
  EXPECT_EQ(*(*opened)->session, session);
  (*opened)->client = std::make_shared<const peer::Client>();
  const auto again = cache.open(*id, alice, 1'999);
  ASSERT_TRUE(again);
  EXPECT_NE((*again)->client, nullptr) << "opened again";
  EXPECT_FALSE(cache.open(*id, {.adapter_uid = "mcp", .principal = "bob"}, 1'000));
  EXPECT_FALSE(cache.open(*id, {.adapter_uid = "server:v", .principal = "alice"}, 1'000));
  EXPECT_FALSE(cache.open(*id, alice, 2'001));
  EXPECT_FALSE(cache.open("forged", alice, 1'000));
}

// Runs what was posted to the present loop before.
Task<> everything_posted() {
  Event done;
  Loop::current()->post([&done] { done.set(); });
  co_await done;
}

TEST(CallTable, ASecondCallWithTheSameIdTakesThePlaceOfTheFirst) {
  testing::run([]() -> Task<> {
    CallTable table;
    std::string cancelled;
    std::unique_ptr<CallTable::Entry> first(new CallTable::Entry(table.add("s", R"("a")", [&] { cancelled += '1'; })));
    const auto second = table.add("s", R"("\u0061")", [&] { cancelled += '2'; });
    const auto other = table.add("s2", R"("a")", [&] { cancelled += '3'; });
    first.reset();
    table.cancel("s", R"("a")");
    table.cancel("s", R"("a")");
    co_await everything_posted();
    EXPECT_EQ(cancelled, "2");
    table.cancel_all("s");
    co_await everything_posted();
    EXPECT_EQ(cancelled, "2");
    table.cancel_all("s2");
    co_await everything_posted();
    EXPECT_EQ(cancelled, "23");
  });
}

TEST(SessionMemory, OldAndManySessionsAreForgotten) {
  SessionMemory memory(2, std::chrono::hours(1));
  for (const char* id : {"a", "b", "c"}) memory.change(id, [](SessionRecord& record) { record.log_level = "info"; });
  EXPECT_EQ(memory.size(), 2u);
  EXPECT_EQ(memory.find("a")->log_level, "");
  EXPECT_EQ(memory.find("c")->log_level, "info");
}

TEST(SessionMemory, WhatOthersSayMakesNobodyForgetThatASessionHasEnded) {
  SessionMemory memory(2, std::chrono::hours(1));
  const auto speak = [&](const char* id) {
    memory.change(id, [](SessionRecord& record) { record.log_level = "info"; });
  };
  speak("gone");
  memory.end("gone");
  for (const char* id : {"a", "b", "c"}) speak(id);
  EXPECT_TRUE(memory.find("gone")->ended);
  for (const char* id : {"x", "y", "z"}) memory.end(id);
  EXPECT_FALSE(memory.find("gone")->ended) << "ends are bounded, too";
  EXPECT_EQ(memory.find("c")->log_level, "info");
  EXPECT_EQ(memory.size(), 4u);
}

TEST(SessionMemory, WhatAStoreKeptComesBack) {
  SessionMemory memory(10, std::chrono::hours(1));
  std::map<std::string, std::string> store;
  memory.on_change = [&](const std::string& id, const SessionRecord& record) { store[id] = to_text(record); };
  memory.change("a", [](SessionRecord& record) {
    record.log_level = "info";
    record.subscriptions = {"file:///\"x\"", "y"};
    record.selected = {"t"};
  });
  memory.change("a", [](SessionRecord& record) { record.listed[0] = "h"; }, false);
  memory.end("b");
  SessionMemory later(10, std::chrono::hours(1));
  for (const auto& [id, text] : store) later.restore(id, record_from_text(text).value());
  EXPECT_EQ(later.find("a")->log_level, "info");
  EXPECT_EQ(later.find("a")->subscriptions, memory.find("a")->subscriptions);
  EXPECT_EQ(later.find("a")->selected, std::set<std::string>{"t"});
  EXPECT_TRUE(later.find("b")->ended);
  EXPECT_FALSE(record_from_text("nonsense"));
}

TEST(Results, OnlyWhatDiffersBetweenTheErasChanges) {
  EXPECT_EQ(for_legacy(R"({"resultType":"complete","ttlMs":5,"x":{"ttlMs":1},"cacheScope":"public"})"),
            R"({"x":{"ttlMs":1}})");
  EXPECT_EQ(for_legacy("{ \"a\" : [ 1.0 ] ,\n\"resultType\": \"complete\", \"\\u0062\":1e2\t}"),
            "{ \"a\" : [ 1.0 ] , \"\\u0062\":1e2\t}");
  EXPECT_EQ(for_legacy(R"({ "a" : 1 })"), R"({ "a" : 1 })");
  EXPECT_EQ(for_legacy(R"({"resultType":"complete"})"), "{}");
  const std::string info = R"({"name":"g"})";
  const std::string meta = R"("_meta":{"io.modelcontextprotocol/serverInfo":{"name":"g"}})";
  EXPECT_EQ(for_modern("{}", info, false), R"({"resultType":"complete",)" + meta + "}");
  EXPECT_EQ(for_modern("{ }", info, false), R"({"resultType":"complete",)" + meta + " }");
  EXPECT_EQ(
      for_modern(R"({"a":1,"_meta":{"b":2}})", info, true),
      R"({"resultType":"complete","ttlMs":0,"cacheScope":"private","a":1,"_meta":{"b":2,"io.modelcontextprotocol/serverInfo":{"name":"g"}}})");
  const std::string complete = R"({"resultType":"complete","ttlMs":9,"cacheScope":"public",)" + meta + "}";
  EXPECT_EQ(for_modern(complete, info, true), complete);
}

TEST(Results, AnEscapeHidesNoType) {
  EXPECT_EQ(result_type(R"({"content":[]})"), "complete");
  EXPECT_EQ(result_type(R"({"content":[{"text":"resultType"}]})"), "complete");
  EXPECT_EQ(result_type(R"({"\u0072esultType":"input_required"})"), "input_required");
}

TEST(Results, MembersAreReplacedAndAddedInPlace) {
  EXPECT_EQ(with_members("{}", {{"a", "1"}, {"b", ""}}), R"({"a":1})");
  EXPECT_EQ(with_members(R"({ "x" : 0 , "a" : 5 , "b":7})", {{"a", "1"}, {"b", ""}, {"c", "2"}}),
            R"({ "x" : 0 , "a" : 1 ,"c":2})");
  EXPECT_EQ(with_members(R"({"a":[{"a":5}],"a":6})", {{"a", "1"}}), R"({"a":1})") << "once";
}

TEST(RequestState, OnlyItsOwnerUnwrapsIt) {
  session::Sealer sealer(shared_keys());
  const StateOwner owner{.source = "a", .user = "alice", .method = "tools/call", .item = "t"};
  const std::string state = std::string(5000, 's') + ".with.dots";
  const std::string wrapped = wrap_state(sealer, state, owner, 2'000).value();
  EXPECT_EQ(unwrap_state(sealer, wrapped, owner, 1'000).value(), state);
  EXPECT_FALSE(unwrap_state(sealer, wrapped, owner, 3'000)) << "expired";
  for (const StateOwner& other :
       {StateOwner{"b", "alice", "tools/call", "t"}, StateOwner{"a", "bob", "tools/call", "t"},
        StateOwner{"a", "alice", "prompts/get", "t"}, StateOwner{"a", "alice", "tools/call", "u"}}) {
    EXPECT_FALSE(unwrap_state(sealer, wrapped, other, 1'000));
  }
  EXPECT_FALSE(unwrap_state(sealer, wrapped + "x", owner, 1'000));
  EXPECT_FALSE(unwrap_state(sealer, "no dot", owner, 1'000));
}

}  // namespace
}  // namespace gw::federation
