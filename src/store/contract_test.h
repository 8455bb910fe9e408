// What every store must do. A store's test instantiates the suite with a way to make an empty one:
//   INSTANTIATE_TEST_SUITE_P(Memory, StoreContract, ::testing::Values(make_memory_store));
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <thread>

#include <fmt/core.h>

#include "store/resource_store.h"

namespace gw::store {

using MakeStore = std::unique_ptr<ResourceStore> (*)();

inline model::Adapter example_adapter(std::string name) {
  model::Adapter adapter;
  adapter.spec.name = std::move(name);
  adapter.spec.description = "ümlaut 'quoted'; DROP TABLE adapters";
  adapter.spec.url = model::UrlSource{.url = "https://example.org/mcp", .headers = {{"X-Key", "secret"}}};
  adapter.spec.environment = {{"A", "1"}, {"B", ""}};
  adapter.spec.limits.idle_timeout = std::chrono::minutes(7);
  adapter.uid = "uid-of-" + adapter.spec.name;
  adapter.created_by = "ann";
  adapter.created_at = adapter.last_updated_at = WallTime(std::chrono::milliseconds(1'787'304'600'125));
  return adapter;
}

class StoreContract : public ::testing::TestWithParam<MakeStore> {
 protected:
  std::vector<std::string> names(std::string_view after, std::size_t limit) {
    std::vector<std::string> found;
    const auto page = store_->list(after, limit);
    for (const auto& adapter : page->adapters) found.push_back(adapter.spec.name);
    if (page->more) found.push_back("…");
    return found;
  }

  std::unique_ptr<ResourceStore> store_ = GetParam()();
  WallTime later_{std::chrono::milliseconds(1'787'304'700'000)};
};

TEST_P(StoreContract, WhatIsCreatedIsFoundUnchanged) {
  const auto adapter = example_adapter("docs");
  ASSERT_TRUE(store_->create(adapter));
  EXPECT_EQ(store_->get("docs"), adapter);
}

TEST_P(StoreContract, AToolKeepsTheBytesOfItsDefinition) {
  auto tool = example_adapter("weather");
  tool.spec.tool = model::ToolSpec{
      .definition =
          "{ \"name\" : \"weather\",\n \"b\":9007199254740993, \"a\":1.0, \"inputSchema\":{\"type\":\"object\"}}",
      .port = 8080,
      .path = "/v1/{city}",
      .method = "GET",
      .parameters = {{.argument = "city", .in = model::ToolParameter::Place::path, .name = ""}},
      .timeout = std::chrono::seconds(3),
      .retries = 0};
  ASSERT_TRUE(store_->create(tool));
  EXPECT_EQ(store_->get("weather"), tool);
  EXPECT_EQ(store_->create(example_adapter("weather")).error().code(), Errc::conflict) << "one name space";
  EXPECT_EQ(store_->list("", 1)->adapters.at(0), tool);
  tool.spec.tool->definition += ' ';
  EXPECT_EQ(store_->update(tool.spec, later_, {})->spec, tool.spec);
}

TEST_P(StoreContract, AnUnknownNameIsNotFound) {
  EXPECT_EQ(store_->get("nope").error().code(), Errc::not_found);
  EXPECT_EQ(store_->update(example_adapter("nope").spec, later_, {}).error().code(), Errc::not_found);
  EXPECT_EQ(store_->remove("nope", {}).error().code(), Errc::not_found);
}

TEST_P(StoreContract, ATakenNameIsAConflictAndChangesNothing) {
  ASSERT_TRUE(store_->create(example_adapter("docs")));
  auto other = example_adapter("docs");
  other.uid = "another";
  EXPECT_EQ(store_->create(other).error().code(), Errc::conflict);
  EXPECT_EQ(store_->get("docs")->uid, "uid-of-docs");
}

TEST_P(StoreContract, ListsAreSortedAndPagedByName) {
  for (const char* name : {"b", "a", "c-1", "c", "d"}) ASSERT_TRUE(store_->create(example_adapter(name)));
  EXPECT_THAT(names("", 10), ::testing::ElementsAre("a", "b", "c", "c-1", "d"));
  EXPECT_THAT(names("", 2), ::testing::ElementsAre("a", "b", "…"));
  EXPECT_THAT(names("b", 2), ::testing::ElementsAre("c", "c-1", "…"));
  EXPECT_THAT(names("c-1", 2), ::testing::ElementsAre("d"));
  EXPECT_THAT(names("bb", 1), ::testing::ElementsAre("c", "…")) << "a cursor need not exist any more";
  EXPECT_THAT(names("d", 2), ::testing::IsEmpty());
}

TEST_P(StoreContract, AnUpdateReplacesTheSpecificationOnly) {
  const auto before = example_adapter("docs");
  ASSERT_TRUE(store_->create(before));
  auto spec = before.spec;
  spec.description = "new";
  const auto after = store_->update(spec, later_, version_of(before));
  ASSERT_TRUE(after);
  EXPECT_EQ(after->spec, spec);
  EXPECT_EQ(after->revision, before.revision + 1);
  EXPECT_EQ(after->uid, before.uid);
  EXPECT_EQ(after->created_by, before.created_by);
  EXPECT_EQ(after->created_at, before.created_at);
  EXPECT_EQ(after->last_updated_at, later_);
  EXPECT_EQ(store_->get("docs"), *after);
}

TEST_P(StoreContract, AStaleVersionFailsAndChangesNothing) {
  const auto first = example_adapter("docs");
  ASSERT_TRUE(store_->create(first));
  ASSERT_TRUE(store_->update(first.spec, later_, {}));
  auto spec = first.spec;
  spec.description = "lost";
  EXPECT_EQ(store_->update(spec, later_, version_of(first)).error().code(), Errc::precondition_failed);
  EXPECT_EQ(store_->remove("docs", version_of(first)).error().code(), Errc::precondition_failed);
  EXPECT_EQ(store_->get("docs")->revision, 2u);
  EXPECT_EQ(store_->get("docs")->spec, first.spec);
}

TEST_P(StoreContract, ANamesakeIsNotTheSameAdapter) {
  const auto first = example_adapter("docs");
  ASSERT_TRUE(store_->create(first));
  ASSERT_TRUE(store_->remove("docs", version_of(first)));
  auto second = first;
  second.uid = "another";
  ASSERT_TRUE(store_->create(second));
  EXPECT_EQ(store_->update(first.spec, later_, version_of(first)).error().code(), Errc::precondition_failed);
}

TEST_P(StoreContract, WhatIsRemovedIsGone) {
  ASSERT_TRUE(store_->create(example_adapter("docs")));
  ASSERT_TRUE(store_->remove("docs", {}));
  EXPECT_EQ(store_->get("docs").error().code(), Errc::not_found);
  EXPECT_THAT(names("", 10), ::testing::IsEmpty());
}

TEST_P(StoreContract, OfRacingUpdatesOfOneVersionExactlyOneWins) {
  const auto adapter = example_adapter("docs");
  ASSERT_TRUE(store_->create(adapter));
  std::atomic<int> won = 0;
  {
    std::vector<std::jthread> racers;
    for (int i = 0; i < 4; ++i) {
      racers.emplace_back([&] { won += store_->update(adapter.spec, later_, version_of(adapter)).has_value(); });
    }
  }
  EXPECT_EQ(won, 1);
  EXPECT_EQ(store_->get("docs")->revision, 2u);
}

}  // namespace gw::store
