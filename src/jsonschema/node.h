// Compiled schemas: nodes with keywords.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "jsonschema/document.h"

namespace gw::jsonschema {

class Evaluation;

// The items of one array, or members of one object, that were evaluated: what the unevaluated… keywords leave alone.
using Evaluated = std::vector<bool>;

// One keyword of one schema, with its value.
class Keyword {
 public:
  virtual ~Keyword() = default;
  // Whether `value` satisfies it; if not, that was reported. Marks in `seen`, where it is not null, what it evaluated.
  virtual bool check(Evaluation& evaluation, const Value& value, Evaluated* seen) const = 0;
};
using KeywordPtr = std::unique_ptr<const Keyword>;

// One schema.
struct Node {
  const Value* source = nullptr;
  std::string pointer;         // Where it stands.
  std::uint32_t resource = 0;  // That it belongs to: position in Compiled::resources.
  std::vector<KeywordPtr> keywords;
  std::vector<KeywordPtr> unevaluated;  // After all others.

  // The schema `false`.
  bool allows_nothing() const { return source->is(Type::boolean) && !source->is_true(); }
};

// A schema with an identifier of its own, and what can be named in it.
struct Resource {
  std::string uri;
  const Value* root = nullptr;
  std::string pointer;
  std::map<std::string, const Node*, std::less<>> anchors;  // Dynamic ones, too.
  std::map<std::string, const Node*, std::less<>> dynamic_anchors;
};

struct Compiled {
  Limits limits;
  std::string text;
  Document document;
  std::deque<Node> nodes;
  std::deque<Resource> resources;
  const Node* root = nullptr;
};

}  // namespace gw::jsonschema
