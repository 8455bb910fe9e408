#include "control/reload.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>

#include <fmt/core.h>

#include "control/api_fixture.h"

namespace gw::control {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

// A registry that follows a file in a folder of its own.
struct Scene {
  ~Scene() { fs::remove_all(folder); }

  void write(std::string_view text) {
    std::ofstream(folder / "new") << text;
    fs::rename(folder / "new", file);
  }
  // Reads the file and waits until that is done.
  Task<> reload_once() {
    const auto before = reloads();
    reload.reload();
    co_await another_after(before);
  }
  Task<> another_after(std::uint64_t before) {
    while (reloads() == before) co_await sleep_for(std::chrono::milliseconds(1));
  }
  std::uint64_t reloads() const { return counters.reloads_applied.get() + counters.reloads_rejected.get(); }

  static fs::path new_folder() {
    std::string name = fs::temp_directory_path() / "gw-reload-XXXXXX";
    return ::mkdtemp(name.data());
  }

  fs::path folder = new_folder();
  fs::path file = folder / "mcp-gateway.yaml";
  store::MemoryStore store;
  BlockingPool blocking{1};
  Counters counters;
  std::optional<config::Options> options;
  std::vector<std::string> records;
  bool audit_is_full = false;
  Registry registry{store, blocking, [](const auto&) {}};
  Reload reload{*Loop::current(),
                blocking,
                file,
                {},
                {.servers = [this](auto specs) { return registry.apply_file(std::move(specs)); },
                 .options = [this](const config::Options& given) -> Result<std::function<void()>> {
                   if (given.audit.max_files == 13) return fail(Errc::invalid, "thirteen is unlucky");
                   return [this, given] { options = given; };
                 },
                 .audit = [this](audit::Record record) -> Result<> {
                   if (audit_is_full) return fail(Errc::unavailable, "the disk is full");
                   records.push_back(record.action + ' ' + record.answer + ' ' + record.reason);
                   return {};
                 }},
                counters};
};

TEST(Reload, AppliesAValidFileAsAWhole) {
  testing::run([]() -> Task<> {
    Scene s;
    s.write("servers:\n  - {name: a, url: http://h/}\n  - {name: b, url: http://h/}\nlog: {level: debug}\n");
    co_await s.reload_once();
    EXPECT_THAT(s.registry.names(), ElementsAre("a", "b"));
    EXPECT_EQ(s.options->log.level, log::Level::debug);
    EXPECT_EQ(s.counters.reloads_applied.get(), 1u);
    EXPECT_THAT(s.reload.state().problems, IsEmpty());
    EXPECT_THAT(s.reload.state().needs_restart, IsEmpty());
  });
}

TEST(Reload, ABadFileChangesNothingAndIsToldUntilItIsMended) {
  testing::run([]() -> Task<> {
    Scene s;
    s.write("servers:\n  - {name: a, url: http://h/}\n");
    co_await s.reload_once();
    for (const char* bad : {"servers: [", "servers:\n  - {name: b, url: http://h/}\n  - {name: c, urll: http://h/}\n",
                            "servers:\n  - {name: c, imageName: a/b, imageVersion: '1'}\n"}) {
      s.write(bad);
      co_await s.reload_once();
      EXPECT_THAT(s.registry.names(), ElementsAre("a")) << bad;
      EXPECT_FALSE(s.reload.state().problems.empty());
      EXPECT_THAT(s.reload.state().problems.front(), HasSubstr("mcp-gateway.yaml:"));
    }
    EXPECT_EQ(s.counters.reloads_rejected.get(), 3u);
    s.write("servers:\n  - {name: b, url: http://h/}\n");
    co_await s.reload_once();
    EXPECT_THAT(s.registry.names(), ElementsAre("b"));
    EXPECT_THAT(s.reload.state().problems, IsEmpty());
  });
}

TEST(Reload, NamesTheOptionsThatWaitForARestart) {
  testing::run([]() -> Task<> {
    Scene s;
    s.write("listen: [{address: '127.0.0.1:9999'}]\nworkers: 3\n");
    co_await s.reload_once();
    EXPECT_THAT(s.reload.state().needs_restart, ElementsAre("listen", "workers"));
    s.write("servers: []\n");
    co_await s.reload_once();
    EXPECT_THAT(s.reload.state().needs_restart, IsEmpty());
  });
}

TEST(Reload, FollowsTheFile) {
  testing::run([]() -> Task<> {
    Scene s;
    s.write("servers:\n  - {name: early, url: http://h/}\n");
    s.reload.watch(std::chrono::milliseconds(2));
    co_await s.another_after(0);
    EXPECT_THAT(s.registry.names(), ElementsAre("early")) << "written after the start and before the watch";
    s.write("servers:\n  - {name: late, url: http://h/}\n");
    co_await s.another_after(1);
    EXPECT_THAT(s.registry.names(), ElementsAre("late"));
    s.reload.stop();
    s.reload.reload();
    EXPECT_EQ(s.reloads(), 2u);
  });
}

TEST(Reload, OfManyRequestsAtOnceTheLastStateWins) {
  testing::run([]() -> Task<> {
    Scene s;
    for (int i = 0; i < 20; ++i) {
      s.write(fmt::format("servers:\n  - {{name: n{}, url: http://h/}}\n", i));
      s.reload.reload();
    }
    while (s.registry.find("n19") == nullptr) co_await sleep_for(std::chrono::milliseconds(1));
    EXPECT_THAT(s.registry.names(), ElementsAre("n19"));
    EXPECT_LE(s.reloads(), 2u);
  });
}

TEST(Reload, AMissingFileIsAProblemAndNotAnEmptyConfiguration) {
  testing::run([]() -> Task<> {
    Scene s;
    s.write("servers:\n  - {name: a, url: http://h/}\n");
    co_await s.reload_once();
    fs::remove(s.file);
    co_await s.reload_once();
    EXPECT_THAT(s.registry.names(), ElementsAre("a"));
    EXPECT_EQ(s.counters.reloads_rejected.get(), 1u);
  });
}

TEST(Reload, IsAudited) {
  testing::run([]() -> Task<> {
    Scene scene;
    scene.write("servers: [{name: a, url: 'http://h/'}]\n");
    co_await scene.reload_once();
    scene.write("servers: 1\n");
    co_await scene.reload_once();
    EXPECT_THAT(scene.records, ElementsAre("config.reload allowed ", "config.reload done 1 added, 0 changed, 0 removed",
                                           HasSubstr("config.reload failed ")));
  });
}

TEST(Reload, WhatTheAuditTrailCannotTakeChangesNothing) {
  testing::run([]() -> Task<> {
    Scene scene;
    scene.audit_is_full = true;
    scene.write("servers: [{name: a, url: 'http://h/'}]\n");
    co_await scene.reload_once();
    EXPECT_EQ(scene.registry.size(), 0u);
    EXPECT_THAT(scene.reload.state().problems, ElementsAre("the audit trail cannot take the change: the disk is full"));
  });
}

}  // namespace
}  // namespace gw::control
