#include "cli/cli.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cstdlib>
#include <fstream>
#include <sstream>

#include "config/load.h"

namespace gw::cli {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class Cli : public ::testing::Test {
 protected:
  Cli() {
    std::string name = fs::temp_directory_path() / "gw-cli-XXXXXX";
    folder_ = ::mkdtemp(name.data());
  }
  ~Cli() override { fs::remove_all(folder_); }

  int run(std::vector<std::string> words) {
    out_.str("");
    err_.str("");
    std::vector<const char*> argv{"mcp-gateway"};
    for (const auto& word : words) argv.push_back(word.c_str());
    const Handlers handlers{.serve = [this](const ServeOptions& options) {
      served_ = options;
      return 7;
    }};
    const auto environment = [this](const std::string& name) -> std::optional<std::string> {
      if (name == "XDG_CONFIG_HOME") return folder_.string();
      return {};
    };
    return cli::run(static_cast<int>(argv.size()), argv.data(), handlers, {out_, err_, environment});
  }

  std::string write(const std::string& name, std::string_view text) {
    fs::create_directories((folder_ / name).parent_path());
    std::ofstream(folder_ / name) << text;
    return folder_ / name;
  }

  fs::path folder_;
  std::ostringstream out_;
  std::ostringstream err_;
  std::optional<ServeOptions> served_;
};

TEST_F(Cli, ServePassesOnWhatItWasToldAndReturnsItsCode) {
  EXPECT_EQ(run({"serve", "--config", "gw.yaml", "--listen", "127.0.0.1:1", "--listen", "[::1]:0", "--state-dir", "s",
                 "--log-level", "debug", "--log-format", "json", "--role", "router", "--ready-fd", "3"}),
            7);
  ASSERT_TRUE(served_);
  EXPECT_EQ(served_->config, "gw.yaml");
  EXPECT_THAT(served_->listen, ElementsAre("127.0.0.1:1", "[::1]:0"));
  EXPECT_EQ(served_->state_directory, "s");
  EXPECT_EQ(served_->log_level, log::Level::debug);
  EXPECT_EQ(served_->log_format, config::LogFormat::json);
  EXPECT_EQ(served_->role, config::RouterMode::router);
  EXPECT_EQ(served_->ready_fd, 3);
}

TEST_F(Cli, ServeNeedsNothing) {
  EXPECT_EQ(run({"serve"}), 7);
  EXPECT_FALSE(served_->config);
  EXPECT_THAT(served_->listen, IsEmpty());
}

TEST_F(Cli, TheCommandLineWinsOverTheFile) {
  config::Options options;
  options.workers = 3;
  overlay(options, {});
  EXPECT_EQ(options.listen[0].address, "127.0.0.1:8000");
  overlay(options, {.listen = {"127.0.0.1:1", "[::1]:0"},
                    .state_directory = "/s",
                    .log_level = log::Level::warn,
                    .role = config::RouterMode::gateway});
  ASSERT_EQ(options.listen.size(), 2u);
  EXPECT_EQ(options.listen[1].address, "[::1]:0");
  EXPECT_EQ(options.state_directory, "/s");
  EXPECT_EQ(options.log.level, log::Level::warn);
  EXPECT_EQ(options.router.mode, config::RouterMode::gateway);
  EXPECT_EQ(options.workers, 3u);
}

TEST_F(Cli, UsageErrorsSuggestAndExitWithTwo) {
  EXPECT_EQ(run({"serv"}), exit_usage);
  EXPECT_THAT(err_.str(), HasSubstr("'serv' is not known here; did you mean 'serve'?"));
  EXPECT_EQ(run({"serve", "--listn", "x"}), exit_usage);
  EXPECT_THAT(err_.str(), HasSubstr("'--listn' is not known here; did you mean '--listen'?"));
  EXPECT_THAT(err_.str(), HasSubstr("Try 'mcp-gateway serve --help'."));
  EXPECT_EQ(run({"serve", "--log-level", "loud"}), exit_usage);
  EXPECT_THAT(err_.str(), HasSubstr("'loud' is not one of debug, info, warn or error"));
  EXPECT_EQ(run({"config"}), exit_usage);
  EXPECT_EQ(run({"import"}), exit_usage);
  EXPECT_EQ(run({}), exit_usage);
  EXPECT_THAT(err_.str(), HasSubstr("Examples:"));
  EXPECT_FALSE(served_);
}

TEST_F(Cli, HelpAndVersionSucceed) {
  EXPECT_EQ(run({"--help"}), exit_ok);
  EXPECT_THAT(out_.str(), HasSubstr("Examples:"));
  EXPECT_EQ(run({"serve", "--help"}), exit_ok);
  EXPECT_THAT(out_.str(), HasSubstr("--ready-fd"));
  EXPECT_EQ(run({"--version"}), exit_ok);
  EXPECT_THAT(out_.str(), ::testing::MatchesRegex("mcp-gateway [0-9]+\\.[0-9]+\\.[0-9]+\n"));
}

TEST_F(Cli, ValidateShowsEveryProblem) {
  const auto file = write("gw.yaml", "wrokers: 1\nservers:\n  - name: UP\n    url: http://h/\n");
  EXPECT_EQ(run({"config", "validate", file}), exit_failed);
  EXPECT_THAT(err_.str(), HasSubstr(file + ":1:1: wrokers: 'wrokers' is not known here; did you mean 'workers'?"));
  EXPECT_THAT(err_.str(), HasSubstr(file + ":3:11: servers[0].name:"));
  EXPECT_THAT(err_.str(), HasSubstr("2 problems"));
  EXPECT_EQ(run({"config", "validate", file, "--output", "json"}), exit_failed);
  EXPECT_THAT(out_.str(), HasSubstr("\"valid\": false"));
  EXPECT_THAT(out_.str(), HasSubstr("\"line\": 3"));
}

TEST_F(Cli, ValidateFindsTheFileThatServeWouldUse) {
  EXPECT_EQ(run({"config", "validate"}), exit_failed);
  EXPECT_THAT(err_.str(), HasSubstr("put it at one of:"));
  const auto file =
      write("mcp-gateway/mcp-gateway.yaml", "servers: [{name: a, url: 'http://h/', credential: hunter2}]\n");
  EXPECT_EQ(run({"config", "validate"}), exit_ok);
  EXPECT_EQ(out_.str(), file + " is valid: 1 server\n");
  EXPECT_THAT(err_.str(), HasSubstr("warning: "));
  EXPECT_THAT(err_.str(), ::testing::Not(HasSubstr("hunter2")));
}

TEST_F(Cli, ImportWritesAFileThatIsValidAndPrivate) {
  const auto source = write("claude.json", R"({"mcpServers":{"My Files":{"command":"npx","args":["-y"]}}})");
  EXPECT_EQ(run({"import", source}), exit_ok);
  EXPECT_THAT(out_.str(), HasSubstr("name: my-files"));
  EXPECT_THAT(err_.str(), HasSubstr("warning: server 'My Files' is called 'my-files' here"));
  const std::string target = folder_ / "out.yaml";
  EXPECT_EQ(run({"import", source, "--output", target}), exit_ok);
  struct stat status{};
  ASSERT_EQ(::stat(target.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0600u);
  EXPECT_EQ(run({"config", "validate", target}), exit_ok);
  EXPECT_EQ(run({"import", source, "--output", target}), exit_failed);
  EXPECT_THAT(err_.str(), HasSubstr("exists already"));
  EXPECT_EQ(run({"import", folder_ / "none.json"}), exit_failed);
  EXPECT_THAT(err_.str(), HasSubstr("No such file"));
}

TEST_F(Cli, ImportOfOpenApiWritesTools) {
  const auto source = write("api.yaml",
                            "openapi: 3.0.0\nservers: [{url: 'https://s.test'}]\n"
                            "paths: {/pets: {get: {operationId: listPets}, options: {}}}\n");
  EXPECT_EQ(run({"import", "openapi", source, "--prefix", "zoo", "--server", "https://t.test"}), exit_ok);
  EXPECT_THAT(out_.str(), HasSubstr("name: zoo-list-pets"));
  EXPECT_THAT(out_.str(), HasSubstr("url: \"https://t.test\""));
  EXPECT_THAT(err_.str(), HasSubstr("warning: options /pets was left out"));
  const std::string target = folder_ / "tools.yaml";
  EXPECT_EQ(run({"import", "openapi", source, "--output", target}), exit_ok);
  EXPECT_THAT(out_.str(), HasSubstr("1 tool written to " + target));
  EXPECT_EQ(run({"import", "openapi", source, "--output", target}), exit_failed);
  EXPECT_EQ(run({"import", "openapi", source, "--only", "nothing"}), exit_failed);
  EXPECT_EQ(run({"import", "openapi"}), exit_usage);
  EXPECT_EQ(run({"import"}), exit_usage);
}

}  // namespace
}  // namespace gw::cli
