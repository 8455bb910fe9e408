#include "control/reconciler.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fmt/core.h>

#include "control/api_fixture.h"
#include "store/memory_store.h"
#include "testing/run.h"

namespace gw::control {
namespace {

using process::InstanceState;
using ::testing::HasSubstr;

// The file as the only source of adapters, and one worker that receives the routes.
struct Fixture {
  store::MemoryStore store;
  BlockingPool blocking{1};
  Workers workers{1};
  routing::RouteTable table;
  routing::RoutePublisher publisher{workers, {&table}};
  Counters counters;
  FakeRuntime processes{false};
  FakeRuntime stdio{true};
  std::map<std::string, std::string> environment;
  Registry registry{store, blocking, [this](const auto& names) { reconciler.reconcile(names); }};
  Reconciler reconciler{workers.loop(0),
                        registry,
                        processes,
                        stdio,
                        publisher,
                        {.env = [this](const std::string& name) -> std::optional<std::string> {
                           const auto found = environment.find(name);
                           if (found == environment.end()) return {};
                           return found->second;
                         },
                         .file = [](const std::string& path) -> Result<std::string> {
                           return fail(Errc::not_found, "cannot read {}", path);
                         }},
                        nullptr,
                        counters,
                        std::chrono::milliseconds(1)};

  // How many batches are published by `action`; when it returns they have arrived.
  template <class Action>
  void doing(Action action) {
    action();
    workers.loop(0).run_once(Duration::zero());
  }
  void file(std::vector<model::AdapterSpec> specs) {
    doing([&] { EXPECT_TRUE(registry.apply_file(std::move(specs))); });
  }
  void runs(const std::string& name, std::vector<process::InstanceStatus> instances) {
    processes.running[name] = std::move(instances);
    doing([&] { reconciler.republish({name}); });
  }
};

TEST(Reconciler, PublishesAUrlAsOneReadyEndpoint) {
  Fixture f;
  auto spec = remote("docs");
  spec.url->hostname = "inner.example";
  f.file({spec});
  const auto route = f.table.find("docs");
  ASSERT_EQ(route->endpoints.size(), 1u);
  const auto& endpoint = route->endpoints[0];
  EXPECT_TRUE(endpoint.ready);
  EXPECT_FALSE(endpoint.is_process);
  EXPECT_EQ(endpoint.address, (net::HostPort{"127.0.0.1", 9}));
  EXPECT_EQ(endpoint.host, "inner.example");
  EXPECT_EQ(endpoint.path, "/mcp?x=1");
  EXPECT_EQ(endpoint.sse_path, "");
  EXPECT_EQ(endpoint.tls, nullptr);
  EXPECT_EQ(route->uid, f.registry.find("docs")->uid);
  EXPECT_EQ(f.counters.adapters_ready.get(), 1u);
}

TEST(Reconciler, AnEndpointOfAUrlHasTheSameIdAfterARestart) {
  Fixture f;
  Fixture restarted;
  f.file({remote("docs"), remote("other")});
  restarted.file({remote("docs")});
  const auto id = [](Fixture& fixture, const char* name) { return fixture.table.find(name)->endpoints[0].id; };
  EXPECT_EQ(id(f, "docs"), id(restarted, "docs"));
  EXPECT_NE(id(f, "docs"), id(f, "other"));
  restarted.file({remote("docs", "http://elsewhere/mcp")});
  EXPECT_NE(id(f, "docs"), id(restarted, "docs"));
}

TEST(Reconciler, AServerOfHttpAndSseHasAnEventStreamInsteadOfAnEndpoint) {
  Fixture f;
  auto spec = remote("old");
  spec.transport = model::Transport::sse;
  f.file({spec});
  EXPECT_EQ(f.table.find("old")->endpoints[0].path, "");
  EXPECT_EQ(f.table.find("old")->endpoints[0].sse_path, "/mcp?x=1");
}

model::AdapterSpec as_tool(model::AdapterSpec spec, std::string path = "/v1/{city}") {
  spec.tool = model::ToolSpec{.definition = R"({"name":"x"})", .path = std::move(path)};
  return spec;
}

TEST(Reconciler, AToolIsCalledBelowThePathOfItsUrl) {
  Fixture f;
  for (const auto& [url, target] : std::map<std::string, std::string>{{"http://h", "/v1/{city}"},
                                                                      {"http://h/", "/v1/{city}"},
                                                                      {"http://h/api/", "/api/v1/{city}"},
                                                                      {"http://h/api?k=1", "/api/v1/{city}?k=1"}}) {
    f.file({as_tool(remote("weather", url))});
    EXPECT_EQ(f.table.find("weather")->endpoints.at(0).path, target) << url;
  }
  EXPECT_EQ(*f.table.find("weather")->tool, *f.registry.find("weather")->spec.tool);
}

TEST(Reconciler, AToolThatDidNotChangeIsNotPublishedAgain) {
  Fixture f;
  f.file({as_tool(remote("weather"))});
  const auto before = f.table.find("weather");
  f.doing([&] { f.reconciler.renew(); });
  EXPECT_EQ(f.table.find("weather"), before);
  f.file({as_tool(remote("weather"), "/v2")});
  EXPECT_NE(f.table.find("weather"), before);
}

TEST(Reconciler, AProcessThatServesAToolGoesOnWhenOnlyItsDefinitionChanges) {
  Fixture f;
  f.file({as_tool(local("weather"))});
  EXPECT_TRUE(f.processes.applied.contains("weather"));
  EXPECT_THAT(f.table.find("weather")->unavailable_reason, HasSubstr("no process of tool 'weather' runs"));
  f.runs("weather", {instance_in(process::InstanceState::ready, "e1")});
  EXPECT_EQ(f.table.find("weather")->endpoints.at(0).path, "/v1/{city}");
  f.file({as_tool(local("weather"), "/v2")});
  EXPECT_EQ(f.table.find("weather")->endpoints.at(0).path, "/v2");
  EXPECT_EQ(f.table.find("weather")->endpoints.at(0).id, "e1");
}

TEST(Reconciler, SharesOneTlsContextAmongServersThatTrustTheSame) {
  Fixture f;
  f.file({remote("a", "https://a.example/"), remote("b", "https://b.example/mcp")});
  EXPECT_NE(f.table.find("a")->endpoints[0].tls, nullptr);
  EXPECT_EQ(f.table.find("a")->endpoints[0].tls, f.table.find("b")->endpoints[0].tls);
  EXPECT_EQ(f.table.find("a")->endpoints[0].host, "a.example");
}

TEST(Reconciler, ResolvesReferencesInHeadersAndSaysWhichOneLeadsNowhere) {
  Fixture f;
  auto spec = remote("docs");
  spec.url->headers = {{"Authorization", "Bearer ${env:TOKEN}"}, {"X-Plain", "1"}};
  f.file({spec});
  EXPECT_TRUE(f.table.find("docs")->endpoints.empty());
  EXPECT_THAT(f.table.find("docs")->unavailable_reason, HasSubstr("its status tells why"));
  EXPECT_EQ(f.reconciler.find("docs")->problem->message(),
            "header 'Authorization': the environment variable TOKEN is not set");
  EXPECT_EQ(f.counters.adapters_ready.get(), 0u);

  f.environment["TOKEN"] = "secret";
  f.doing([&] { f.reconciler.renew(); });
  const auto route = f.table.find("docs");
  EXPECT_EQ(route->extra_fields, "Authorization: Bearer secret\r\nX-Plain: 1\r\n");
  EXPECT_THAT(route->extra_names, ::testing::ElementsAre("Authorization", "X-Plain"));
  EXPECT_FALSE(f.reconciler.find("docs")->problem);

  f.environment["TOKEN"] = "a\r\nInjected: 1";
  f.doing([&] { f.reconciler.renew(); });
  EXPECT_TRUE(f.table.find("docs")->endpoints.empty());
}

TEST(Reconciler, TriesAgainWhatMayMendItself) {
  Fixture f;
  auto spec = remote("docs");
  spec.url->headers = {{"Authorization", "Bearer ${env:TOKEN}"}};
  f.file({spec});
  f.environment["TOKEN"] = "secret";
  const auto end = steady_now() + std::chrono::seconds(10);
  while (f.table.find("docs")->endpoints.empty() && steady_now() < end) {
    f.workers.loop(0).run_once(std::chrono::milliseconds(5));
  }
  EXPECT_EQ(f.table.find("docs")->endpoints.size(), 1u);
  EXPECT_EQ(f.counters.adapters_ready.get(), 1u);
}

TEST(Reconciler, ReadyProcessesAreReadyEndpointsAndDrainingOnesStay) {
  Fixture f;
  f.file({local("git")});
  EXPECT_TRUE(f.processes.applied.contains("git"));
  EXPECT_FALSE(f.stdio.applied.contains("git"));
  f.runs("git", {instance_in(InstanceState::ready, "one", 0), instance_in(InstanceState::draining, "two", 1),
                 instance_in(InstanceState::starting, "three", 2)});
  const auto route = f.table.find("git");
  ASSERT_EQ(route->endpoints.size(), 2u);
  EXPECT_TRUE(route->endpoints[0].ready && route->endpoints[0].is_process);
  EXPECT_EQ(route->endpoints[0].address.port, 4000);
  EXPECT_EQ(route->endpoints[0].host, "127.0.0.1:4000");
  EXPECT_EQ(route->endpoints[0].path, "/mcp");
  EXPECT_EQ(route->endpoints[1].id, "two");
  EXPECT_FALSE(route->endpoints[1].ready);
}

TEST(Reconciler, ARunningProcessKeepsThePathThatItWasStartedWith) {
  Fixture f;
  auto spec = local("git");
  f.file({spec});
  f.runs("git", {instance_in(InstanceState::ready, "one")});
  spec.command->path = "/v2";
  f.file({spec});
  EXPECT_EQ(f.table.find("git")->endpoints[0].path, "/mcp");
  f.runs("git", {instance_in(InstanceState::ready, "two")});
  EXPECT_EQ(f.table.find("git")->endpoints[0].path, "/v2");
}

TEST(Reconciler, SaysWhyNoProcessTakesSessions) {
  Fixture f;
  f.file({local("git")});
  const auto reason = [&] { return f.table.find("git")->unavailable_reason; };
  EXPECT_EQ(reason(), "no process of adapter 'git' runs");
  auto instance = instance_in(InstanceState::starting, "");
  f.runs("git", {instance});
  EXPECT_EQ(reason(), "a process of adapter 'git' is starting");
  instance.state = InstanceState::backoff;
  instance.last_error = "the process exited with status 1";
  f.runs("git", {instance});
  EXPECT_EQ(reason(), "adapter 'git' cannot serve: the process exited with status 1; it will be started again");
  auto spec = local("git");
  spec.replica_count = 0;
  f.file({spec});
  EXPECT_THAT(reason(), HasSubstr("replicaCount is 0"));
}

TEST(Reconciler, ADisabledAdapterKeepsARouteThatSaysSo) {
  Fixture f;
  auto spec = remote("docs");
  spec.enabled = false;
  f.file({spec});
  EXPECT_TRUE(f.table.find("docs")->endpoints.empty());
  EXPECT_EQ(f.table.find("docs")->unavailable_reason, "adapter 'docs' is disabled");
}

TEST(Reconciler, WhatIsRemovedIsGoneEverywhere) {
  Fixture f;
  f.file({remote("docs"), local("git"), local("files", model::Transport::stdio)});
  EXPECT_TRUE(f.stdio.applied.contains("files"));
  EXPECT_EQ(f.table.size(), 3u);
  f.file({remote("docs")});
  EXPECT_EQ(f.table.find("git"), nullptr);
  EXPECT_TRUE(f.processes.removed.contains("git"));
  EXPECT_TRUE(f.stdio.removed.contains("files"));
  EXPECT_EQ(f.reconciler.find("git"), nullptr);
  EXPECT_EQ(f.counters.adapters_ready.get(), 1u);
}

TEST(Reconciler, PublishesNothingWhenNothingChanged) {
  Fixture f;
  f.file({remote("docs")});
  const auto before = f.table.find("docs");
  f.doing([&] { f.reconciler.renew(); });
  EXPECT_EQ(f.table.find("docs"), before);
}

TEST(Reconciler, AThousandAdaptersArriveInOneBatch) {
  Fixture f;
  std::vector<model::AdapterSpec> specs;
  for (int i = 0; i < 1000; ++i) specs.push_back(remote(fmt::format("n{}", i)));
  f.file(std::move(specs));
  EXPECT_EQ(f.table.size(), 1000u);
  EXPECT_EQ(f.counters.adapters_ready.get(), 1000u);
}

}  // namespace
}  // namespace gw::control
