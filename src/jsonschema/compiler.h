// From a parsed schema to nodes with keywords.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "jsonschema/decimal.h"
#include "jsonschema/node.h"
#include "jsonschema/pattern.h"

namespace gw::jsonschema {

// The keywords of one schema are made in two steps: first all schemas of the document are found, with their
// identifiers, then each gets its keywords, whose references can now be followed.
class Compiler {
 public:
  explicit Compiler(Compiled& compiled) : compiled_(compiled) {}

  // All that is wrong with the schema, by place.
  std::vector<Problem> run();

  // For what makes the keywords of a node. Each says nothing (null) after it has reported a problem.
  struct Place {
    const Node& node;
    std::string_view keyword;
    const Value& value;
  };
  const Node* schema(const Place& place);
  std::vector<const Node*> schemas(const Place& place);  // Of a list, which must not be empty.
  std::vector<std::pair<std::string_view, const Node*>> schema_map(const Place& place);
  const Node* target(const Place& place);  // Of a reference.
  std::optional<std::uint64_t> count(const Place& place);
  std::optional<Decimal> number(const Place& place);
  std::optional<bool> boolean(const Place& place);
  std::optional<Pattern> pattern(const Place& place, std::string_view source);
  std::optional<std::vector<std::string_view>> unique_names(const Place& place, const Value& list);
  void problem(const Place& place, std::string message);
  // Of the schema that `keyword` is part of.
  const Resource& resource(const Node& node) const { return compiled_.resources[node.resource]; }

 private:
  const Node* find_schemas(const Value& value, const std::string& pointer, std::uint32_t resource);
  void find_below(const Value& schema, const std::string& pointer, std::uint32_t resource);
  std::uint32_t identify(const Value& schema, const std::string& pointer, std::uint32_t resource);
  void note_anchors(const Value& schema, const Node& node);
  void check_dialect(const Value& schema, const std::string& pointer);
  void compile(Node& node);
  const Node* resolve(const Place& place);
  void problem_at(std::string pointer, std::string message);

  Compiled& compiled_;
  std::unordered_map<const Value*, Node*> nodes_;
  std::unordered_map<std::string, std::uint32_t> uris_;
  std::unordered_map<std::string, Pattern> patterns_;  // By source: each is compiled once.
  std::size_t pattern_memory_ = 0;
  std::vector<Problem> problems_;
};

// Adds what the keyword at `place` asks for to `node`; unknown ones ask for nothing.
void add_assertion(Compiler& compiler, const Compiler::Place& place, Node& node);
void add_applicator(Compiler& compiler, const Compiler::Place& place, Node& node);

}  // namespace gw::jsonschema
