#include "cli/completion.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace gw::cli {
namespace {

using ::testing::HasSubstr;

const std::vector<Command> commands{
    {"", {{"config", "About: it's the file."}, {"--help", "Help."}}},
    {"config validate", {{"--output", "How."}}},
};

TEST(Completion, BashKnowsTheWordsOfEachCommand) {
  const auto script = completion_script(Shell::bash, commands);
  EXPECT_THAT(script, HasSubstr("    \"\") words=\"config --help\" ;;\n"));
  EXPECT_THAT(script, HasSubstr("    \" config validate\") words=\"--output\" ;;\n"));
}

TEST(Completion, ZshQuotesDescriptions) {
  EXPECT_THAT(completion_script(Shell::zsh, commands), HasSubstr("'config:About; it'\\''s the file.'"));
}

TEST(Completion, FishOffersOptionsAfterTheirCommands) {
  const auto script = completion_script(Shell::fish, commands);
  EXPECT_THAT(script, HasSubstr("-n '__fish_use_subcommand' -a config"));
  EXPECT_THAT(script,
              HasSubstr("-n '__fish_seen_subcommand_from config; and __fish_seen_subcommand_from validate' -l output"));
}

}  // namespace
}  // namespace gw::cli
