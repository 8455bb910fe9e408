#include "config/yaml.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fmt/core.h>

namespace gw::config {
namespace {

using schema::Node;
using ::testing::HasSubstr;

std::string problem_of(std::string_view text, YamlLimits limits = {}) {
  const auto root = parse_yaml(text, limits);
  if (root) return "accepted";
  std::string all;
  for (const auto& p : root.error())
    all += fmt::format("{}:{}: {}: {}\n", p.mark.line, p.mark.column, p.field, p.message);
  return all;
}

schema::NodePtr node_of(std::string_view text) {
  const auto root = parse_yaml(text);
  EXPECT_TRUE(root) << problem_of(text);
  return root.value_or(std::make_shared<Node>());
}

TEST(Yaml, PlainWordsHaveTheTypesOfYaml12) {
  const auto root = node_of("a: true\nb: yes\nc: 8080\nd: '8080'\ne: ~\nf: 1.5\ng: 1.2.3\nh:\ni: 0x10\n");
  EXPECT_EQ(root->find("a")->kind, Node::Kind::boolean);
  EXPECT_EQ(root->find("b")->kind, Node::Kind::string);
  EXPECT_EQ(root->find("c")->kind, Node::Kind::number);
  EXPECT_EQ(root->find("d")->kind, Node::Kind::string);
  EXPECT_EQ(root->find("e")->kind, Node::Kind::null);
  EXPECT_EQ(root->find("f")->kind, Node::Kind::number);
  EXPECT_EQ(root->find("g")->kind, Node::Kind::string);
  EXPECT_EQ(root->find("h")->kind, Node::Kind::null);
  EXPECT_EQ(root->find("i")->kind, Node::Kind::string);
}

TEST(Yaml, ValuesKnowTheirPlaces) {
  const auto root = node_of("a:\n  - b: 1\n    c: 2\n");
  const auto& item = *root->find("a")->items.at(0);
  EXPECT_EQ(item.find("c")->mark.line, 3);
  EXPECT_EQ(item.find("c")->mark.column, 8);
}

TEST(Yaml, AliasesAndMergeKeysAreResolved) {
  const auto root = node_of("base: &b {x: 1, y: 2}\nuse:\n  <<: *b\n  y: 3\nsame: *b\n");
  const auto* use = root->find("use");
  EXPECT_EQ(use->members.size(), 2u);
  EXPECT_EQ(use->find("y")->text, "3");
  EXPECT_EQ(use->find("x")->text, "1");
  EXPECT_EQ(root->find("same"), root->find("base"));
}

TEST(Yaml, AnEmptyTextIsAnEmptyObject) {
  EXPECT_EQ(node_of("")->kind, Node::Kind::object);
  EXPECT_EQ(node_of("# nothing\n")->kind, Node::Kind::object);
}

TEST(Yaml, DuplicateKeysAreAllReported) {
  EXPECT_EQ(problem_of("a: 1\nb: {c: 1, c: 2}\na: 3\n"), "2:11: b.c: 'c' is given twice\n3:1: a: 'a' is given twice\n");
}

TEST(Yaml, SyntaxErrorsHaveAPlace) {
  EXPECT_THAT(problem_of("a: [1, 2\nb: 3\n"), HasSubstr("this is not valid YAML"));
  EXPECT_THAT(problem_of("a: *nowhere\n"), HasSubstr("1:"));
}

TEST(Yaml, WhatCannotBeMeantIsRefused) {
  EXPECT_THAT(problem_of("a:\n\tb: 1\n"), HasSubstr("2:1: : a tab cannot indent YAML"));
  EXPECT_THAT(problem_of("a: \xff\n"), HasSubstr("not UTF-8"));
  EXPECT_THAT(problem_of("a: 1\n---\nb: 2\n"), HasSubstr("second document"));
  EXPECT_THAT(problem_of("a: !!python/object x\n"), HasSubstr("is not supported"));
  EXPECT_THAT(problem_of("[1]: 2\n"), HasSubstr("a key must be a plain word"));
  EXPECT_THAT(problem_of("a: &x [*x]\n"), HasSubstr("refers to something that contains it"));
  EXPECT_THAT(problem_of("a: 1\n<<: 7\n"), HasSubstr("'<<' takes an object"));
}

TEST(Yaml, BombsAreRefused) {
  std::string billion = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n";
  for (int i = 1; i < 12; ++i) {
    billion += fmt::format("a{0}: &a{0} [", i);
    for (int j = 0; j < 10; ++j) billion += fmt::format("*a{}{}", i - 1, j < 9 ? ", " : "]\n");
  }
  EXPECT_THAT(problem_of(billion), HasSubstr("aliases are expanded"));

  std::string tower = "a0: &a0 [x]\n";
  for (int i = 1; i < 100; ++i) tower += fmt::format("a{0}: &a{0} [*a{1}]\n", i, i - 1);
  EXPECT_THAT(problem_of(tower), HasSubstr("nested more than 32 deep"));

  EXPECT_THAT(problem_of(std::string(100'000, '[')), HasSubstr("nested more than 32 deep"));
  EXPECT_THAT(problem_of(std::string(100, 'x'), {.bytes = 10}), HasSubstr("larger than 10 bytes"));
}

}  // namespace
}  // namespace gw::config
