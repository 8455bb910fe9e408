#include "federation/session_keeper.h"

#include <gmock/gmock.h>

#include <future>

#include "store/memory_session_store.h"
#include "testing/run.h"

namespace gw::federation {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using namespace std::chrono_literals;

void set_level(SessionMemory& memory, const std::string& id, const std::string& level) {
  memory.change(id, [&](SessionRecord& record) { record.log_level = level; });
}

// Counts, and fails when it is told to.
class Store final : public store::SessionStore {
 public:
  Result<std::vector<store::StoredSession>> list_sessions(WallTime now) override {
    if (damaged) return fail(Errc::unavailable, "database disk image is malformed");
    return inner.list_sessions(now);
  }
  Result<> write_sessions(const std::vector<store::StoredSession>& changed,
                          const std::vector<std::string>& gone) override {
    ++writes;
    if (failures > 0) {
      --failures;
      return fail(Errc::unavailable, "the disk is full");
    }
    return inner.write_sessions(changed, gone);
  }
  Result<std::size_t> prune_sessions(WallTime now, std::size_t most) override {
    return inner.prune_sessions(now, most);
  }

  store::MemorySessionStore inner;
  std::atomic<int> writes = 0;
  std::atomic<int> failures = 0;
  std::atomic<bool> damaged = false;
};

struct Scene {
  explicit Scene(KeeperOptions options = {.pace = 1ms, .retry = 1ms})
      : keeper(*Loop::current(), memory, store, blocking, options) {}

  Task<> start() { co_await keeper.restore(); }
  // As another gateway would find it.
  std::vector<std::string> ids() {
    std::vector<std::string> ids;
    for (const auto& session : *store.list_sessions(wall_now())) ids.push_back(session.id);
    return ids;
  }
  Task<> until_written(int writes) {
    while (store.writes < writes) co_await sleep_for(1ms);
  }

  SessionMemory memory{100, 24h};
  Store store;
  BlockingPool blocking{1};
  SessionKeeper keeper;
};

TEST(SessionKeeper, WhatWasSaidIsThereAfterARestart) {
  testing::run([]() -> Task<> {
    Scene g;
    co_await g.start();
    g.memory.change("a", [](SessionRecord& record) {
      record.log_level = "debug";
      record.subscriptions = {"file:///x"};
    });
    g.memory.end("b");
    co_await g.keeper.settled();

    SessionMemory later(100, 24h);
    SessionKeeper keeper(*Loop::current(), later, g.store, g.blocking, {});
    co_await keeper.restore();
    EXPECT_EQ(later.find("a")->log_level, "debug");
    EXPECT_THAT(later.find("a")->subscriptions, ElementsAre("file:///x"));
    EXPECT_TRUE(later.find("b")->ended);
  });
}

TEST(SessionKeeper, ASessionThatCannotBeReadIsSkipped) {
  testing::run([]() -> Task<> {
    Scene g;
    const WallTime now = wall_now();
    SessionRecord record{.log_level = "info"};
    EXPECT_TRUE(
        g.store.write_sessions({{.id = "a", .text = "nons", .changed_at = now, .expires_at = now + 1h},
                                {.id = "b", .text = to_text(record), .changed_at = now, .expires_at = now + 1h}},
                               {}));
    co_await g.start();
    EXPECT_EQ(g.memory.find("a")->log_level, "");
    EXPECT_EQ(g.memory.find("b")->log_level, "info");
    co_await g.keeper.settled();
  });
}

TEST(SessionKeeper, AStoreThatCannotBeReadIsWrittenNevertheless) {
  testing::run([]() -> Task<> {
    Scene g;
    g.store.damaged = true;
    co_await g.start();
    set_level(g.memory, "a", "info");
    co_await g.until_written(1);
    co_await g.keeper.settled();
    g.store.damaged = false;
    EXPECT_THAT(g.ids(), ElementsAre("a"));
  });
}

TEST(SessionKeeper, ChangesAreWrittenWithoutBeingAskedFor) {
  testing::run([]() -> Task<> {
    Scene g;
    co_await g.start();
    set_level(g.memory, "a", "info");
    co_await g.until_written(1);
    set_level(g.memory, "b", "info");
    co_await g.until_written(2);
    co_await g.keeper.settled();
    EXPECT_THAT(g.ids(), ElementsAre("a", "b"));
  });
}

TEST(SessionKeeper, AThousandChangesOfASessionAreAFewWrites) {
  testing::run([]() -> Task<> {
    Scene g({.pace = 10s});
    co_await g.start();
    // As workers do it.
    std::thread worker([&] {
      for (int i = 0; i < 1000; ++i) set_level(g.memory, "a", i % 2 == 0 ? "info" : "debug");
    });
    worker.join();
    co_await g.keeper.settled();
    EXPECT_LE(g.store.writes, 2);
    const auto kept = *g.store.list_sessions(wall_now());
    EXPECT_THAT(kept, SizeIs(1));
    EXPECT_EQ(record_from_text(kept[0].text)->log_level, "debug");
  });
}

TEST(SessionKeeper, WhatHasNothingToBeRememberedIsRemoved) {
  testing::run([]() -> Task<> {
    Scene g;
    co_await g.start();
    set_level(g.memory, "a", "info");
    co_await g.until_written(1);
    set_level(g.memory, "a", "");
    co_await g.keeper.settled();
    EXPECT_THAT(g.ids(), IsEmpty());
  });
}

TEST(SessionKeeper, WhatCouldNotBeWrittenIsWrittenLater) {
  testing::run([]() -> Task<> {
    Scene g;
    co_await g.start();
    g.store.failures = 2;
    set_level(g.memory, "a", "info");
    co_await g.until_written(3);
    co_await g.keeper.settled();
    EXPECT_THAT(g.ids(), ElementsAre("a"));
  });
}

TEST(SessionKeeper, AWriteUnderWayIsNotLostAtTheEnd) {
  testing::run([]() -> Task<> {
    Scene g;
    co_await g.start();
    std::promise<void> gate;
    g.blocking.submit([&gate] { gate.get_future().wait(); });
    g.store.failures = 1;
    set_level(g.memory, "a", "info");
    co_await yield();  // The background begins to write, and will fail.
    co_await yield();
    gate.set_value();
    co_await g.keeper.settled();
    EXPECT_THAT(g.ids(), ElementsAre("a"));
  });
}

TEST(SessionKeeper, AtTheEndAStoreThatFailsIsNotWaitedFor) {
  testing::run([]() -> Task<> {
    Scene g;
    co_await g.start();
    g.store.failures = 1'000;
    set_level(g.memory, "a", "info");
    co_await g.keeper.settled();
    EXPECT_THAT(g.ids(), IsEmpty());
  });
}

TEST(SessionKeeper, WhatIsKeptIsBoundedAndExpires) {
  testing::run([]() -> Task<> {
    Scene g({.lifetime = 1h, .most = 2, .pace = 1ms, .prune_interval = 0s});
    const WallTime now = wall_now();
    EXPECT_TRUE(g.store.write_sessions({{.id = "old", .text = "{}", .changed_at = now, .expires_at = now}}, {}));
    co_await g.start();
    int writes = g.store.writes;
    for (const char* id : {"a", "b", "c"}) {
      set_level(g.memory, id, "info");
      co_await g.until_written(++writes);
    }
    while (g.ids().size() > 2) co_await sleep_for(1ms);
    co_await g.keeper.settled();
    EXPECT_THAT(g.ids(), SizeIs(2));
    EXPECT_LE(g.store.list_sessions(now)->back().expires_at, wall_now() + 1h);
  });
}

}  // namespace
}  // namespace gw::federation
