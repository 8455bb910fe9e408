// Files that the program makes and the repository keeps. Run the test with GW_UPDATE_GOLDEN=1 to write them anew.
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>

#include "base/files.h"
#include "cli/cli.h"
#include "config/reference.h"

namespace gw::cli {
namespace {

void expect_same(const std::string& name, const std::string& text) {
  const std::string path = std::string(GW_SOURCE_DIR) + "/" + name;
  if (std::getenv("GW_UPDATE_GOLDEN")) std::ofstream(path, std::ios::binary) << text;
  const auto kept = read_file(path);
  ASSERT_TRUE(kept) << kept.error().message();
  EXPECT_TRUE(*kept == text) << name << " is not what the program makes now; look at the difference after\n"
                             << "  GW_UPDATE_GOLDEN=1 build/dev/src/cli/cli_test --gtest_filter='Golden.*'";
}

TEST(Golden, ConfigurationSchema) {
  expect_same("tests/golden/config-schema.json", config::schema_text());
}
TEST(Golden, ConfigurationReference) {
  expect_same("docs/reference/configuration.md", config::reference_page());
}
TEST(Golden, CommandLineHelp) {
  expect_same("tests/golden/cli-help.txt", all_help());
}

}  // namespace
}  // namespace gw::cli
