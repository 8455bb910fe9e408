#include "control/registry.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fmt/core.h>

#include "control/api_fixture.h"
#include "model/etag.h"
#include "runtime/race.h"

namespace gw::control {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

struct Fixture {
  store::MemoryStore store;
  BlockingPool blocking{1};
  std::vector<std::string> changed;
  Registry registry{store, blocking,
                    [this](const auto& names) { changed.insert(changed.end(), names.begin(), names.end()); }};
  std::vector<std::string> take_changed() { return std::exchange(changed, {}); }
};

TEST(Registry, KeepsWhatIsCreatedInTheStore) {
  testing::run([]() -> Task<> {
    Fixture f;
    const auto created = co_await f.registry.create(remote("docs"), "ann");
    EXPECT_TRUE(created);
    EXPECT_EQ(created->created_by, "ann");
    EXPECT_EQ(f.store.get("docs"), *created);
    EXPECT_EQ(*f.registry.find("docs"), *created);
    EXPECT_THAT(f.take_changed(), ElementsAre("docs"));

    Registry reborn(f.store, f.blocking, [](const auto&) {});
    EXPECT_TRUE(co_await reborn.load());
    EXPECT_EQ(*reborn.find("docs"), *created);
  });
}

TEST(Registry, RefusesATakenName) {
  testing::run([]() -> Task<> {
    Fixture f;
    EXPECT_TRUE(f.registry.apply_file({remote("filed")}));
    EXPECT_TRUE(co_await f.registry.create(remote("docs"), "ann"));
    for (const char* name : {"docs", "filed"}) {
      const auto again = co_await f.registry.create(remote(name), "bob");
      EXPECT_EQ(again.error().code(), Errc::conflict);
    }
  });
}

TEST(Registry, RefusesImagesWithASentenceThatSaysWhatToDo) {
  testing::run([]() -> Task<> {
    Fixture f;
    model::AdapterSpec spec;
    spec.name = "boxed";
    spec.image = model::ImageSource{.name = "a/b", .version = "1"};
    const auto created = co_await f.registry.create(spec, "ann");
    EXPECT_EQ(created.error().code(), Errc::unsupported);
    EXPECT_EQ(created.error().field(), "imageName");
    EXPECT_NE(created.error().message().find("no container runtime is configured"), std::string::npos);

    const auto filed = f.registry.apply_file({remote("fine"), spec});
    EXPECT_EQ(filed.error().front().field, "servers[1].imageName");
    spec.tool.emplace();
    EXPECT_EQ(f.registry.apply_file({remote("fine"), spec}).error().front().field, "tools[0].imageName");
    EXPECT_EQ(f.registry.size(), 0u) << "nothing is half applied";
  });
}

TEST(Registry, UpdatesOnlyTheStateThatTheCallerKnows) {
  testing::run([]() -> Task<> {
    Fixture f;
    const auto first = co_await f.registry.create(remote("docs"), "ann");
    const auto second = co_await f.registry.update(remote("docs", "http://other/"), model::etag_of(*first));
    EXPECT_EQ(second->spec.url->url, "http://other/");
    EXPECT_EQ(second->uid, first->uid);
    const auto stale = co_await f.registry.update(remote("docs"), model::etag_of(*first));
    EXPECT_EQ(stale.error().code(), Errc::precondition_failed);
    const auto removal = co_await f.registry.remove("docs", model::etag_of(*first));
    EXPECT_EQ(removal.error().code(), Errc::precondition_failed);
    EXPECT_TRUE(co_await f.registry.remove("docs", model::etag_of(*second)));
    EXPECT_EQ(f.registry.find("docs"), nullptr);
    EXPECT_THAT(f.take_changed(), ElementsAre("docs", "docs", "docs"));
  });
}

TEST(Registry, KeepsTheWorkloadIdentityOfAnAdapter) {
  testing::run([]() -> Task<> {
    Fixture f;
    EXPECT_TRUE(co_await f.registry.create(remote("docs"), "ann"));
    auto spec = remote("docs");
    spec.use_workload_identity = true;
    const auto updated = co_await f.registry.update(spec, "");
    EXPECT_EQ(updated.error().code(), Errc::invalid);
    EXPECT_EQ(updated.error().field(), "useWorkloadIdentity");
  });
}

TEST(Registry, AdaptersOfTheFileCannotBeChangedThroughTheApi) {
  testing::run([]() -> Task<> {
    Fixture f;
    EXPECT_TRUE(f.registry.apply_file({remote("filed")}));
    const auto updated = co_await f.registry.update(remote("filed"), "");
    EXPECT_EQ(updated.error().code(), Errc::conflict);
    EXPECT_NE(updated.error().message().find("edit the file"), std::string::npos);
    EXPECT_EQ((co_await f.registry.remove("filed", "")).error().code(), Errc::conflict);
    EXPECT_EQ((co_await f.registry.remove("nothing", "")).error().code(), Errc::not_found);
  });
}

TEST(Registry, ANewFileTellsWhatChanged) {
  Loop loop;
  Fixture f;
  EXPECT_TRUE(f.registry.apply_file({remote("c"), remote("a"), remote("b")}));
  EXPECT_THAT(f.take_changed(), ElementsAre("a", "b", "c"));
  const auto uid = f.registry.find("a")->uid;
  const auto tag_of_a = model::etag_of(*f.registry.find("a"));
  const auto tag_of_b = model::etag_of(*f.registry.find("b"));

  const auto change = f.registry.apply_file({remote("a"), remote("b", "http://other/"), remote("d")});
  EXPECT_THAT(change->added, ElementsAre("d"));
  EXPECT_THAT(change->changed, ElementsAre("b"));
  EXPECT_THAT(change->removed, ElementsAre("c"));
  EXPECT_THAT(f.take_changed(), ElementsAre("d", "b", "c", "a")) << "a has another place, which counts under /mcp";
  EXPECT_EQ(model::etag_of(*f.registry.find("a")), tag_of_a);
  EXPECT_NE(model::etag_of(*f.registry.find("b")), tag_of_b);
  EXPECT_EQ(f.registry.find("c"), nullptr);

  EXPECT_TRUE(f.registry.apply_file({remote("a"), remote("b", "http://other/"), remote("d")})->empty());
  EXPECT_THAT(f.take_changed(), IsEmpty());

  Fixture restarted;
  EXPECT_TRUE(restarted.registry.apply_file({remote("a")}));
  EXPECT_EQ(restarted.registry.find("a")->uid, uid) << "sessions go on after a restart";
}

TEST(Registry, AnAdapterOfTheFileShadowsOneOfTheStore) {
  testing::run([]() -> Task<> {
    Fixture f;
    EXPECT_TRUE(co_await f.registry.create(remote("docs", "http://stored/"), "ann"));
    EXPECT_TRUE(f.registry.apply_file({remote("docs", "http://filed/")}));
    EXPECT_EQ(f.registry.find("docs")->spec.url->url, "http://filed/");
    EXPECT_THAT(f.registry.shadowed(), ElementsAre("docs"));
    EXPECT_EQ(f.registry.size(), 1u);
    EXPECT_TRUE(f.registry.apply_file({}));
    EXPECT_EQ(f.registry.find("docs")->spec.url->url, "http://stored/");
    EXPECT_THAT(f.registry.shadowed(), IsEmpty());
  });
}

TEST(Registry, ListsInPages) {
  testing::run([]() -> Task<> {
    Fixture f;
    EXPECT_TRUE(f.registry.apply_file({remote("b"), remote("d")}));
    for (const char* name : {"c", "a", "e"}) EXPECT_TRUE(co_await f.registry.create(remote(name), "ann"));
    const auto page = [&](std::string_view after, std::size_t limit) {
      std::string names;
      for (const auto* adapter : f.registry.list(after, limit)) names += adapter->spec.name;
      return names;
    };
    EXPECT_EQ(page("", 10), "abcde");
    EXPECT_EQ(page("", 2), "ab");
    EXPECT_EQ(page("b", 2), "cd");
    EXPECT_EQ(page("bb", 9), "cde");
    EXPECT_EQ(page("e", 2), "");
  });
}

TEST(Registry, LoadsMoreAdaptersThanOnePageHolds) {
  testing::run([]() -> Task<> {
    Fixture f;
    for (int i = 0; i < 2500; ++i) {
      model::Adapter adapter;
      adapter.spec = remote(fmt::format("n{}", i));
      EXPECT_TRUE(f.store.create(adapter));
    }
    EXPECT_TRUE(co_await f.registry.load());
    EXPECT_EQ(f.registry.size(), 2500u);
    EXPECT_THAT(f.changed, IsEmpty());
  });
}

TEST(Registry, AChangeOnceBegunCompletesWithoutItsCaller) {
  testing::run([]() -> Task<> {
    Fixture f;
    {
      auto abandoned = std::make_unique<Race<Result<model::Adapter>>>(f.registry.create(remote("docs"), "ann"));
      TaskGroup group;
      group.spawn("caller", [](Race<Result<model::Adapter>>& race) -> Task<> { co_await race; }(*abandoned));
    }
    EXPECT_EQ(f.registry.find("docs"), nullptr);
    co_await f.registry.settled();
    EXPECT_NE(f.registry.find("docs"), nullptr);
    EXPECT_TRUE(f.store.get("docs"));
  });
}

}  // namespace
}  // namespace gw::control
