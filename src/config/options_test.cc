#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "config/defaults.h"
#include "config/load.h"

namespace gw::config {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

Environment environment_of(std::map<std::string, std::string> variables) {
  return [variables](const std::string& name) -> std::optional<std::string> {
    const auto found = variables.find(name);
    if (found == variables.end()) return {};
    return found->second;
  };
}

TEST(Options, TheStateDirectoryFollowsTheEnvironment) {
  EXPECT_EQ(default_state_directory(environment_of({{"STATE_DIRECTORY", "/var/lib/a:/var/lib/b"}, {"HOME", "/h"}})),
            "/var/lib/a");
  EXPECT_EQ(default_state_directory(environment_of({{"XDG_STATE_HOME", "/x"}, {"HOME", "/h"}})), "/x/mcp-gateway");
  EXPECT_EQ(default_state_directory(environment_of({{"XDG_STATE_HOME", "relative"}, {"HOME", "/h"}})),
            "/h/.local/state/mcp-gateway");
  EXPECT_EQ(default_state_directory(environment_of({})).error().code(), Errc::invalid);
}

TEST(Options, PathsAreFilledInOnlyWhereTheyAreEmpty) {
  Options options;
  ASSERT_TRUE(resolve_paths(options, environment_of({{"HOME", "/h"}})));
  EXPECT_EQ(options.store.path, "/h/.local/state/mcp-gateway/gateway.db");
  Options given;
  given.state_directory = "/s";
  given.store.path = "/d.db";
  ASSERT_TRUE(resolve_paths(given, environment_of({})));
  EXPECT_EQ(given.store.path, "/d.db");
}

TEST(Options, ChangesThatNeedARestartAreNamed) {
  const Options before;
  Options after;
  EXPECT_THAT(changed_needing_restart(before, after), IsEmpty());
  after.log.level = log::Level::debug;
  EXPECT_THAT(changed_needing_restart(before, after), IsEmpty());
  after.http.idle_timeout = std::chrono::seconds(1);
  after.log.format = LogFormat::json;
  after.workers = 3;
  after.listen[0].address = "127.0.0.1:1";
  after.store.kind = StoreKind::memory;
  after.state_directory = "/s";
  EXPECT_THAT(changed_needing_restart(before, after),
              ElementsAre("listen", "stateDirectory", "workers", "store", "http", "log.format"));
}

TEST(Options, ConfigurationFilesAreLookedForFromNearToFar) {
  EXPECT_THAT(
      default_config_files(environment_of({{"HOME", "/h"}})),
      ElementsAre("mcp-gateway.yaml", "/h/.config/mcp-gateway/mcp-gateway.yaml", "/etc/mcp-gateway/mcp-gateway.yaml"));
}

}  // namespace
}  // namespace gw::config
