#include "process/environment.h"

#include <gtest/gtest.h>

namespace gw::process {
namespace {

TEST(Environment, PassesOnWhatProgramsNeedAndNothingElse) {
  const char* const variables[] = {
      "PATH=/bin",     "LC_ALL=C",          "XDG_CACHE_HOME=/c", "https_proxy=p",
      "HTTPS_PROXY=P", "AWS_SECRET_KEY=no", "GITHUB_TOKEN=no",   "NODE_OPTIONS=--require no",
      "LD_PRELOAD=no", "PATHOLOGICAL=no",   "malformed",         "TZ=a=b",
      nullptr};
  const Environment expected = {{"PATH", "/bin"},     {"LC_ALL", "C"},      {"XDG_CACHE_HOME", "/c"},
                                {"https_proxy", "p"}, {"HTTPS_PROXY", "P"}, {"TZ", "a=b"}};
  EXPECT_EQ(inherited_environment(variables), expected);
}

}  // namespace
}  // namespace gw::process
