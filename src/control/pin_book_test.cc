#include "control/pin_book.h"

#include <gmock/gmock.h>

#include <future>

#include "catalogue/test_listing.h"
#include "store/memory_pin_store.h"
#include "store/memory_store.h"
#include "testing/run.h"

namespace gw::control {
namespace {

using catalogue::Kind;
using catalogue::listing;
using catalogue::tool;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

model::AdapterSpec web(bool pinned = true) {
  model::AdapterSpec spec;
  spec.name = "web";
  spec.url = model::UrlSource{.url = "http://127.0.0.1:9/mcp"};
  spec.pinned = pinned;
  return spec;
}

const catalogue::Definition a = tool("a");
const catalogue::Definition b = tool("b");
const catalogue::Definition changed_a = tool("a", R"(,"description":"changed")");

// Fails when it is told to.
class Store final : public store::PinStore {
 public:
  Result<std::vector<store::Pin>> list_pins() override { return inner.list_pins(); }
  Result<> add_approvals(const store::Pin& added) override {
    if (full) return fail(Errc::unavailable, "the disk is full");
    return inner.add_approvals(added);
  }
  Result<> remove_pin(std::string_view uid) override { return inner.remove_pin(uid); }

  store::MemoryPinStore inner;
  std::atomic<bool> full = false;
};

// One run of a gateway whose file has these adapters.
struct Scene {
  explicit Scene(store::PinStore& store, std::vector<model::AdapterSpec> file = {web()})
      : pins(store, blocking, registry, counters, [this] { ++told; }) {
    EXPECT_TRUE(registry.apply_file(std::move(file)));
  }

  Task<> start() {
    EXPECT_TRUE(co_await pins.load());
    pins.follow();
  }
  void file_is(std::vector<model::AdapterSpec> specs) {
    EXPECT_TRUE(registry.apply_file(std::move(specs)));
    pins.follow();
  }
  void list(std::vector<catalogue::Definition> definitions) { pins.listed(listing("web", std::move(definitions))); }
  // Names that clients would see.
  std::vector<std::string> shown(std::vector<catalogue::Definition> definitions) const {
    return catalogue::names(catalogue::merge({listing("web", std::move(definitions))}, {.pins = pins.pins()}, 1));
  }

  BlockingPool blocking{1};
  store::MemoryStore adapters;
  Registry registry{adapters, blocking, [](const auto&) {}};
  Counters counters;
  int told = 0;
  PinBook pins;
};

TEST(PinBook, WhatIsListedFirstCountsAndWhatComesLaterWaits) {
  testing::run([]() -> Task<> {
    Store store;
    Scene g(store);
    co_await g.start();
    EXPECT_THAT(g.shown({a}), IsEmpty());
    g.list({a});
    EXPECT_THAT(g.shown({a, b}), ElementsAre("a"));
    EXPECT_THAT(g.pins.waiting("web"), IsEmpty());
    g.list({changed_a, b});
    EXPECT_THAT(g.shown({changed_a, b}), IsEmpty());
    const auto waiting = g.pins.waiting("web");
    EXPECT_THAT(waiting, SizeIs(2));
    EXPECT_EQ(waiting[0].hash, changed_a.hash);
    EXPECT_FALSE(waiting[0].is_new);
    EXPECT_TRUE(waiting[1].is_new);
    EXPECT_EQ(g.counters.definitions_quarantined.get(), 2u);
    EXPECT_EQ(g.pins.approval("web", {Kind::tool, "a"})->definition, a.json);
    EXPECT_EQ(g.pins.definition("web", {Kind::tool, "a"})->json, changed_a.json);
    co_await g.pins.settled();
  });
}

TEST(PinBook, WhatIsApprovedCountsAfterARestartToo) {
  testing::run([]() -> Task<> {
    Store store;
    {
      Scene g(store);
      co_await g.start();
      g.list({a});
      g.list({changed_a, b});
      const std::vector<PinBook::Wanted> wanted{{Kind::tool, "a", changed_a.hash}};
      EXPECT_TRUE(g.pins.may_approve("web", 1));
      EXPECT_EQ(g.pins.unfit("web", wanted[0]), std::nullopt);
      const int told = g.told;
      EXPECT_TRUE(co_await g.pins.approve("web", wanted, "ann"));
      EXPECT_GT(g.told, told);
      EXPECT_THAT(g.shown({changed_a, b}), ElementsAre("a"));
      EXPECT_EQ(g.counters.definitions_quarantined.get(), 1u);
    }
    Scene g(store);
    co_await g.start();
    g.list({changed_a, b});
    EXPECT_THAT(g.shown({changed_a, b}), ElementsAre("a"));
    EXPECT_EQ(g.pins.approval("web", {Kind::tool, "a"})->approved_by, "ann");
    EXPECT_THAT(g.shown({a}), IsEmpty()) << "what was approved before does not count any more";
  });
}

TEST(PinBook, OnlyWhatWasLookedAtFits) {
  testing::run([]() -> Task<> {
    Store store;
    Scene g(store);
    co_await g.start();
    g.list({a});
    g.list({changed_a});
    EXPECT_THAT(*g.pins.unfit("web", {Kind::tool, "a", a.hash}), ::testing::HasSubstr(changed_a.hash));
    EXPECT_THAT(*g.pins.unfit("web", {Kind::tool, "b", b.hash}), ::testing::HasSubstr("not offered"));
    co_await g.pins.settled();
  });
}

TEST(PinBook, OnlyPinnedAdaptersThatWereListedTakeApprovals) {
  testing::run([]() -> Task<> {
    Store store;
    Scene g(store, {web(false)});
    co_await g.start();
    EXPECT_THAT(g.pins.may_approve("web", 1).error().message(), ::testing::HasSubstr("not pinned"));
    EXPECT_THAT(g.pins.may_approve("none", 1).error().message(), ::testing::HasSubstr("not pinned"));
    g.file_is({web()});
    EXPECT_THAT(g.pins.may_approve("web", 1).error().message(), ::testing::HasSubstr("has not said yet"));
    g.list({a});
    EXPECT_TRUE(g.pins.may_approve("web", 1));
    EXPECT_EQ(g.pins.may_approve("web", PinBook::max_approvals).error().code(), Errc::conflict);
    co_await g.pins.settled();
  });
}

TEST(PinBook, AnAdapterThatIsPinnedLaterIsPinnedToWhatItHasThen) {
  testing::run([]() -> Task<> {
    Store store;
    Scene g(store, {web(false)});
    co_await g.start();
    g.list({a});
    EXPECT_THAT(g.shown({a, b}), ElementsAre("a", "b"));
    g.file_is({web()});
    EXPECT_THAT(g.shown({a, b}), ElementsAre("a"));
    co_await g.pins.settled();
    EXPECT_THAT(*store.list_pins(), SizeIs(1));
  });
}

TEST(PinBook, ApprovalsGoWithThePinAndWithTheAdapter) {
  testing::run([]() -> Task<> {
    Store store;
    Scene g(store);
    co_await g.start();
    for (const auto& without : {std::vector<model::AdapterSpec>{web(false)}, std::vector<model::AdapterSpec>{}}) {
      g.file_is({web()});
      g.list({a});
      g.file_is(without);
      co_await g.pins.settled();
      EXPECT_THAT(*store.list_pins(), IsEmpty());
      EXPECT_THAT(g.pins.approvals("web"), IsEmpty());
    }
    g.file_is({web()});
    g.list({changed_a});
    EXPECT_THAT(g.shown({changed_a}), ElementsAre("a"));
    co_await g.pins.settled();
  });
}

TEST(PinBook, WhatWasUnpinnedWhileTheGatewayWasDownIsForgotten) {
  testing::run([]() -> Task<> {
    Store store;
    {
      Scene g(store);
      co_await g.start();
      g.list({a});
      co_await g.pins.settled();
    }
    Scene g(store, {web(false)});
    co_await g.start();
    co_await g.pins.settled();
    EXPECT_THAT(*store.list_pins(), IsEmpty());
  });
}

TEST(PinBook, NothingListedIsAFirstListingToo) {
  testing::run([]() -> Task<> {
    Store store;
    {
      Scene g(store);
      co_await g.start();
      g.list({});
      co_await g.pins.settled();
    }
    Scene g(store);
    co_await g.start();
    g.list({a});
    EXPECT_THAT(g.shown({a}), IsEmpty());
  });
}

TEST(PinBook, AnApprovalThatIsNotStoredDoesNotCountAndAFirstListingIsStoredLater) {
  testing::run([]() -> Task<> {
    Store store;
    Scene g(store);
    co_await g.start();
    store.full = true;
    g.list({a});
    co_await g.pins.settled();
    EXPECT_THAT(*store.list_pins(), IsEmpty());
    EXPECT_THAT(g.shown({a}), ElementsAre("a"));
    g.list({changed_a});
    co_await g.pins.settled();
    const auto refused = co_await g.pins.approve("web", {{Kind::tool, "a", changed_a.hash}}, "ann");
    EXPECT_THAT(refused.error().message(), ::testing::HasSubstr("the disk is full"));
    EXPECT_THAT(g.shown({changed_a}), IsEmpty());
    store.full = false;
    g.list({changed_a});
    co_await g.pins.settled();
    EXPECT_EQ(store.list_pins()->at(0).approvals.at(0).hash, a.hash);
  });
}

TEST(PinBook, AnApprovalUnderWayWhenThePinGoesLeavesNothing) {
  testing::run([]() -> Task<> {
    Store store;
    Scene g(store);
    co_await g.start();
    g.list({a});
    g.list({changed_a});
    co_await g.pins.settled();
    std::promise<void> gate;
    g.blocking.submit([&gate] { gate.get_future().wait(); });
    TaskGroup group;
    group.spawn("test", [](PinBook& pins) -> Task<> {
      EXPECT_TRUE(co_await pins.approve("web", {{Kind::tool, "a", changed_a.hash}}, "ann"));
    }(g.pins));
    g.file_is({web(false)});
    gate.set_value();
    co_await g.pins.settled();
    while (group.size() > 0) co_await yield();
    EXPECT_THAT(*store.list_pins(), IsEmpty());
    EXPECT_THAT(g.pins.approvals("web"), IsEmpty());
  });
}

}  // namespace
}  // namespace gw::control
