// The official test suite of JSON Schema (testing/json_schema_suite): every case of draft2020-12 but those listed here.
#include <filesystem>

#include <fmt/core.h>
#include <gtest/gtest.h>

#include "base/files.h"
#include "jsonschema/document.h"
#include "jsonschema/schema.h"

namespace gw::jsonschema {
namespace {

struct Excluded {
  std::string_view file;
  std::string_view group;  // The beginning of its description; empty: all of the file.
  std::string_view why;
};

constexpr Excluded excluded[] = {
    {"refRemote", "", "nothing is fetched"},
    {"vocabulary", "", "there is one vocabulary, that of 2020-12"},
    {"defs", "validate definition against metaschema", "refers to the meta-schema, another document"},
    {"dynamicRef", "strict-tree schema, guards against misspelled properties", "refers to another document"},
    {"dynamicRef", "tests for implementation dynamic anchor and reference link", "refers to another document"},
    {"dynamicRef", "$ref and $dynamicAnchor are independent of order", "refers to another document"},
    {"dynamicRef", "$ref to $dynamicRef finds detached $dynamicAnchor", "refers to another document"},
    {"ref", "remote ref, containing refs itself", "refers to the meta-schema, another document"},
    {"unevaluatedItems", "unevaluatedItems with $ref to the meta", "refers to another document"},
    {"optional/cross-draft", "", "one dialect"},
    {"optional/dependencies-compatibility", "", "a keyword of older dialects"},
    {"optional/ecmascript-regex", "", "regular expressions are RE2's; pattern_test.cc has what people use of ECMA-262"},
    {"optional/id", "", "refers to identifiers within values that are no schemas"},
    {"optional/unknownKeyword", "", "refers to identifiers within values that are no schemas"},
};

const Excluded* exclusion(std::string_view file, std::string_view group) {
  for (const Excluded& candidate : excluded) {
    if (candidate.file == file && group.starts_with(candidate.group)) return &candidate;
  }
  return nullptr;
}

std::string text_of(const Value& object, std::string_view name) {
  const Value* const value = object.member(name);
  return value ? std::string(value->text) : std::string();
}

// The number of tests that ran.
std::size_t run_group(const std::string& file, const Value& group) {
  const std::string name = file + ": " + text_of(group, "description");
  const auto schema = Schema::compile(group.member("schema")->raw);
  if (!schema) {
    ADD_FAILURE() << name << ": does not compile: " << to_text(schema.error().front());
    return 0;
  }
  for (const Value& test : group.member("tests")->items) {
    const auto problems = schema->check(test.member("data")->raw);
    EXPECT_EQ(problems.empty(), test.member("valid")->is_true())
        << name << ": " << text_of(test, "description") << ": "
        << (problems.empty() ? std::string("no problem") : to_text(problems.front()));
  }
  return group.member("tests")->items.size();
}

TEST(Suite, EveryCaseOfTheOfficialSuiteHasTheExpectedResult) {
  const std::filesystem::path root = GW_SOURCE_DIR "/testing/json_schema_suite";
  std::size_t ran = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(root)) {
    if (entry.path().extension() != ".json") continue;
    const std::string file = std::filesystem::relative(entry.path(), root).replace_extension().string();
    const auto text = read_file(entry.path().string(), 4 << 20);
    ASSERT_TRUE(text) << file;
    const auto document = Document::parse(*text, 200, 1'000'000);
    ASSERT_TRUE(document) << file << to_text(document.error());
    for (const Value& group : document->root().items) {
      if (!exclusion(file, text_of(group, "description"))) ran += run_group(file, group);
    }
  }
  EXPECT_GT(ran, 1200U);
  fmt::print("{} tests of the official suite\n", ran);
}

}  // namespace
}  // namespace gw::jsonschema
