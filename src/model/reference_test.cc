#include "model/reference.h"

#include <gtest/gtest.h>

namespace gw::model {
namespace {

const ReferenceSources sources{
    .env = [](const std::string& name) -> std::optional<std::string> {
      if (name == "TOKEN") return "s3cret";
      return {};
    },
    .file = [](const std::string& path) -> Result<std::string> {
      if (path == "/run/key") return "from file\n";
      return fail(Errc::not_found, "cannot open {}", path);
    },
    .secret = [](const std::string& name) -> Result<SecretString> {
      if (name == "search-token") return SecretString("sealed no more");
      return fail(Errc::not_found, "there is no secret named '{}'", name);
    },
};

std::string resolved(std::string_view value) {
  const auto result = resolve_references(value, sources);
  return result ? *result : "error: " + result.error().message();
}

TEST(Reference, VariablesAndFilesAreReplaced) {
  EXPECT_EQ(resolved("Bearer ${env:TOKEN}"), "Bearer s3cret");
  EXPECT_EQ(resolved("${file:/run/key}/${env:TOKEN}"), "from file/s3cret");
  EXPECT_EQ(resolved("token ${secret:search-token}"), "token sealed no more");
  EXPECT_EQ(resolved("nothing to do"), "nothing to do");
}

TEST(Reference, ADoubledDollarSignEscapes) {
  EXPECT_EQ(resolved("$${env:TOKEN} costs $5"), "${env:TOKEN} costs $5");
}

TEST(Reference, WhatIsMissingIsNamed) {
  EXPECT_EQ(resolved("${env:NOPE}"), "error: the environment variable NOPE is not set");
  EXPECT_EQ(resolved("${file:/gone}"), "error: cannot open /gone");
  EXPECT_EQ(resolved("${secret:nope}"), "error: there is no secret named 'nope'");
  auto without = sources;
  without.secret = {};
  EXPECT_EQ(resolve_references("${secret:search-token}", without).error().code(), Errc::not_found);
}

TEST(Reference, MalformedOnesAreExplainedWithoutTheValue) {
  for (const char* value : {"hunter2${HOME}", "hunter2${env:}", "hunter2${env:A B}", "hunter2${file:x}",
                            "hunter2${env:A", "hunter2${secret:}", "hunter2${secret:a b}", "hunter2${secret:.a}"}) {
    const auto problem = check_references(value);
    ASSERT_TRUE(problem) << value;
    EXPECT_EQ(problem->find("hunter2"), std::string::npos);
  }
  EXPECT_FALSE(check_references("${env:A_1}${file:/x}${secret:a.B-c_1}$${y"));
}

TEST(Reference, OnlyReferencesMayBeShown) {
  EXPECT_TRUE(holds_only_references("${env:A}"));
  EXPECT_TRUE(holds_only_references("Bearer ${env:A}"));
  EXPECT_FALSE(holds_only_references("Bearer abc"));
  EXPECT_FALSE(holds_only_references("abc${env:A}"));
  EXPECT_FALSE(holds_only_references("Bearer abc ${env:A}"));
  EXPECT_FALSE(holds_only_references(""));
}

TEST(Reference, AreRecognizedAmongOtherText) {
  EXPECT_TRUE(has_references("Bearer ${secret:a}"));
  EXPECT_TRUE(has_references("${env:A}secret:a"));
  EXPECT_TRUE(has_references("x${file:/a}"));
  EXPECT_FALSE(has_references("$${secret:a}"));
  EXPECT_FALSE(has_references("env:A"));
  EXPECT_TRUE(is_secret_name(std::string(128, 'a')));
  EXPECT_FALSE(is_secret_name(std::string(129, 'a')));
}

TEST(Reference, ThePortIsPutInUnlessEscaped) {
  EXPECT_EQ(replace_port("--port=${port}", "80"), "--port=80");
  EXPECT_EQ(replace_port("${port}${port} ${env:A} $port", "80"), "8080 ${env:A} $port");
  EXPECT_EQ(replace_port("$${port} ${port}", "80"), "$${port} 80");
  EXPECT_EQ(replace_port("", "80"), "");
}

}  // namespace
}  // namespace gw::model
