#include "process/adapter_command.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "process/local_port.h"
#include "runtime/backoff.h"

namespace gw::process {
namespace {

using ::testing::HasSubstr;

class AdapterCommand : public ::testing::Test {
 protected:
  AdapterCommand() {
    adapter.spec.name = "git";
    adapter.spec.command = {.command = "server", .args = {"--listen", "127.0.0.1:${port}", "${port}/${port}"}};
    adapter.spec.environment = {{"TOKEN", "${env:SECRET}"}, {"LISTEN", ":${port}"}, {"LANG", "own"}};
    defaults.environment = {{"PATH", "/bin"}, {"LANG", "C"}};
    defaults.work_root = std::filesystem::path(::testing::TempDir()) / ("work-" + std::to_string(::getpid()));
    defaults.sources.env = [](const std::string& name) -> std::optional<std::string> {
      if (name != "SECRET") return {};
      return "hidden ${port}";
    };
  }
  ~AdapterCommand() override { std::filesystem::remove_all(defaults.work_root); }

  model::Adapter adapter;
  SpawnDefaults defaults;
  LogBook logs;
};

TEST_F(AdapterCommand, AnHttpServerIsToldItsPort) {
  const auto request = spawn_request_for(adapter, 1, defaults, logs, 4567).value();
  EXPECT_EQ(request.name, "git/1");
  EXPECT_EQ(request.args, (std::vector<std::string>{"--listen", "127.0.0.1:4567", "4567/4567"}));
  const Environment expected = {{"PATH", "/bin"},    {"LANG", "own"},  {"TOKEN", "hidden ${port}"},
                                {"LISTEN", ":4567"}, {"PORT", "4567"}, {"HOST", "127.0.0.1"}};
  EXPECT_EQ(request.environment, expected);
  EXPECT_EQ(request.input, Input::null);
  EXPECT_EQ(request.output, Output::log);
}

TEST_F(AdapterCommand, AStdioServerGetsPipesAndAPrivateFolder) {
  adapter.spec.environment.erase("LISTEN");
  const auto request = spawn_request_for(adapter, 0, defaults, logs).value();
  EXPECT_EQ(request.input, Input::pipe);
  EXPECT_EQ(request.output, Output::pipe);
  EXPECT_FALSE(request.environment.contains("PORT"));
  EXPECT_EQ(request.cwd, (defaults.work_root / "git").string());
  struct stat folder{};
  ASSERT_EQ(::stat(request.cwd.c_str(), &folder), 0);
  EXPECT_EQ(folder.st_mode & 0777, 0700u);
}

TEST_F(AdapterCommand, AllProcessesOfAnInstanceShareItsLog) {
  const auto first = spawn_request_for(adapter, 0, defaults, logs, 1).value();
  const auto second = spawn_request_for(adapter, 0, defaults, logs, 2).value();
  EXPECT_EQ(first.log, second.log);
  EXPECT_EQ(first.log, logs.find("git", 0));
  EXPECT_EQ(logs.find("git", 1), nullptr);
}

TEST_F(AdapterCommand, AnUnresolvedReferenceNamesTheVariable) {
  adapter.spec.environment = {{"TOKEN", "${env:MISSING}"}};
  const auto request = spawn_request_for(adapter, 0, defaults, logs);
  ASSERT_FALSE(request.has_value());
  EXPECT_THAT(request.error().message(), HasSubstr("environment variable TOKEN of adapter 'git'"));
  EXPECT_EQ(request.error().field(), "environmentVariables.TOKEN");
}

TEST(Backoff, DoublesUpToTheLongestAndSpreads) {
  using std::chrono::milliseconds;
  const BackoffOptions options{.first = milliseconds(100), .longest = milliseconds(1000)};
  EXPECT_EQ(backoff(options, 1, 0), milliseconds(50));
  EXPECT_EQ(backoff(options, 3, 0), milliseconds(200));
  EXPECT_EQ(backoff(options, 4'000'000'000, 0), milliseconds(500));
  for (std::uint64_t random = 0; random < 1'000'000'000; random += 12'345'678) {
    EXPECT_GE(backoff(options, 2, random), milliseconds(100));
    EXPECT_LE(backoff(options, 2, random), milliseconds(200));
  }
}

TEST(LocalPort, AFreePortAcceptsNothing) {
  const auto port = free_port().value();
  EXPECT_GT(port, 0);
  EXPECT_FALSE(accepts_connections(port));
}

}  // namespace
}  // namespace gw::process
