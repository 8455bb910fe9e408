#include "jsonschema/compiler.h"

#include <algorithm>
#include <tuple>

#include <fmt/core.h>

#include "jsonschema/identifiers.h"
#include "jsonschema/wording.h"

namespace gw::jsonschema {
namespace {

enum class Shape { schema, list, map };

// Where schemas stand in schemas. `definitions` is what older dialects call `$defs`; many documents still do.
constexpr std::pair<std::string_view, Shape> holders[] = {
    {"$defs", Shape::map},
    {"additionalProperties", Shape::schema},
    {"allOf", Shape::list},
    {"anyOf", Shape::list},
    {"contains", Shape::schema},
    {"contentSchema", Shape::schema},
    {"definitions", Shape::map},
    {"dependentSchemas", Shape::map},
    {"else", Shape::schema},
    {"if", Shape::schema},
    {"items", Shape::schema},
    {"not", Shape::schema},
    {"oneOf", Shape::list},
    {"patternProperties", Shape::map},
    {"prefixItems", Shape::list},
    {"properties", Shape::map},
    {"propertyNames", Shape::schema},
    {"then", Shape::schema},
    {"unevaluatedItems", Shape::schema},
    {"unevaluatedProperties", Shape::schema},
};

// Of the regular expressions of one schema, which could take a thousand times the bytes of their sources.
constexpr std::size_t max_patterns = 1'000;
constexpr std::size_t max_pattern_memory = 64 << 20;  // Most of it only once that much was matched.

constexpr std::string_view dialect = "https://json-schema.org/draft/2020-12/schema";

}  // namespace

std::vector<Problem> Compiler::run() {
  const Value& root = compiled_.document.root();
  compiled_.resources.push_back({.uri = std::string(anonymous), .root = &root, .pointer = {}});
  uris_.emplace(anonymous, 0);
  compiled_.root = find_schemas(root, {}, 0);
  // Following references may find more.
  for (std::size_t i = 0; i < compiled_.nodes.size(); ++i) compile(compiled_.nodes[i]);
  std::ranges::sort(problems_, {}, [](const Problem& problem) { return std::tie(problem.path, problem.message); });
  // A pattern that cannot be used is one for patternProperties and for additionalProperties.
  const auto repeated = std::ranges::unique(problems_);
  problems_.erase(repeated.begin(), repeated.end());
  return std::move(problems_);
}

void Compiler::problem_at(std::string pointer, std::string message) {
  if (problems_.size() < compiled_.limits.max_problems) problems_.push_back({std::move(pointer), std::move(message)});
}

void Compiler::problem(const Place& place, std::string message) {
  problem_at(place.node.pointer + pointer_step(place.keyword), std::move(message));
}

const Node* Compiler::find_schemas(const Value& value, const std::string& pointer, std::uint32_t resource) {
  if (const auto known = nodes_.find(&value); known != nodes_.end()) return known->second;
  if (!value.is(Type::object) && !value.is(Type::boolean)) {
    const bool old = value.is(Type::array) && pointer.ends_with("/items");
    problem_at(pointer, fmt::format("is {}, must be a schema: an object, true or false{}", shown(value),
                                    old ? " (a list of schemas is called prefixItems in 2020-12)" : ""));
    return nullptr;
  }
  if (value.is(Type::object)) resource = identify(value, pointer, resource);
  Node& node = compiled_.nodes.emplace_back();
  node.source = &value;
  node.pointer = pointer;
  node.resource = resource;
  nodes_.emplace(&value, &node);
  if (value.is(Type::object)) {
    check_dialect(value, pointer);
    note_anchors(value, node);
    find_below(value, pointer, resource);
  }
  return &node;
}

void Compiler::find_below(const Value& schema, const std::string& pointer, std::uint32_t resource) {
  for (const auto& [keyword, shape] : holders) {
    const Value* const value = schema.member(keyword);
    if (!value) continue;
    const std::string below = pointer + pointer_step(keyword);
    if (shape == Shape::schema) {
      find_schemas(*value, below, resource);
    } else if (shape == Shape::list) {
      if (!value->is(Type::array) || value->items.empty()) {
        problem_at(below, fmt::format("is {}, must be a list of at least one schema", shown(*value)));
        continue;
      }
      for (std::size_t i = 0; i < value->items.size(); ++i) {
        find_schemas(value->items[i], fmt::format("{}/{}", below, i), resource);
      }
    } else {
      if (!value->is(Type::object)) {
        problem_at(below, fmt::format("is {}, must be an object whose members are schemas", shown(*value)));
        continue;
      }
      for (std::size_t i = 0; i < value->items.size(); ++i) {
        find_schemas(value->items[i], below + pointer_step(value->names[i]), resource);
      }
    }
  }
}

std::uint32_t Compiler::identify(const Value& schema, const std::string& pointer, std::uint32_t resource) {
  const Value* const id = schema.member("$id");
  if (!id) return resource;
  const auto resolved =
      id->is(Type::string) ? jsonschema::resolve(compiled_.resources[resource].uri, id->text) : std::nullopt;
  if (!resolved || !resolved->fragment.empty()) {
    problem_at(pointer + "/$id", fmt::format("is {}, must be a URI reference without a fragment", shown(*id)));
    return resource;
  }
  const auto own = static_cast<std::uint32_t>(compiled_.resources.size());
  if (const auto [known, added] = uris_.emplace(resolved->uri, own); !added) {
    if (compiled_.resources[known->second].root == &schema) return known->second;
    problem_at(pointer + "/$id", fmt::format("is {}, which another schema is called, too", shown(*id)));
    return resource;
  }
  compiled_.resources.push_back({.uri = resolved->uri, .root = &schema, .pointer = pointer});
  return own;
}

void Compiler::check_dialect(const Value& schema, const std::string& pointer) {
  const Value* const named = schema.member("$schema");
  if (!named) return;
  std::string_view uri = named->text;
  if (uri.ends_with('#')) uri.remove_suffix(1);
  if (uri == dialect) return;
  problem_at(pointer + "/$schema",
             fmt::format("is {}, must be \"{}\" or left out: no other dialect is understood", shown(*named), dialect));
}

void Compiler::note_anchors(const Value& schema, const Node& node) {
  Resource& resource = compiled_.resources[node.resource];
  for (const std::string_view keyword : {"$anchor", "$dynamicAnchor"}) {
    const Value* const anchor = schema.member(keyword);
    if (!anchor) continue;
    if (!anchor->is(Type::string) || !is_anchor(anchor->text)) {
      problem({node, keyword, *anchor},
              fmt::format("is {}, must be a name of letters, digits, \"-\", \"_\" and \".\"", shown(*anchor)));
      continue;
    }
    const auto [known, added] = resource.anchors.emplace(anchor->text, &node);
    if (!added && known->second != &node) {
      problem({node, keyword, *anchor},
              fmt::format("is {}, which {} is called, too", shown(*anchor), in_quotes(known->second->pointer)));
    }
    if (keyword == "$dynamicAnchor") resource.dynamic_anchors.emplace(anchor->text, &node);
  }
}

void Compiler::compile(Node& node) {
  if (!node.source->is(Type::object)) return;
  for (std::size_t i = 0; i < node.source->items.size(); ++i) {
    const Place place{node, node.source->names[i], node.source->items[i]};
    add_assertion(*this, place, node);
    add_applicator(*this, place, node);
  }
}

const Node* Compiler::schema(const Place& place) {
  const auto found = nodes_.find(&place.value);
  return found == nodes_.end() ? nullptr : found->second;
}

std::vector<const Node*> Compiler::schemas(const Place& place) {
  std::vector<const Node*> found;
  for (const Value& item : place.value.items) {
    if (const Node* const node = schema({place.node, place.keyword, item})) found.push_back(node);
  }
  return found;
}

std::vector<std::pair<std::string_view, const Node*>> Compiler::schema_map(const Place& place) {
  std::vector<std::pair<std::string_view, const Node*>> found;
  for (std::size_t i = 0; i < place.value.names.size(); ++i) {
    const Node* const node = schema({place.node, place.keyword, place.value.items[i]});
    if (node) found.emplace_back(place.value.names[i], node);
  }
  return found;
}

const Node* Compiler::target(const Place& place) {
  if (place.value.is(Type::string)) return resolve(place);
  problem(place, fmt::format("is {}, must be a reference such as \"#/$defs/name\"", shown(place.value)));
  return nullptr;
}

const Node* Compiler::resolve(const Place& place) {
  const auto reference = jsonschema::resolve(resource(place.node).uri, place.value.text);
  if (!reference) {
    problem(place, fmt::format("is {}, which is no URI reference", shown(place.value)));
    return nullptr;
  }
  const auto known = uris_.find(reference->uri);
  if (known == uris_.end()) {
    problem(place, fmt::format("is {}, which is in another document: nothing is fetched, so copy it into $defs and "
                               "refer to it as \"#/$defs/…\"",
                               shown(place.value)));
    return nullptr;
  }
  const Resource& resource = compiled_.resources[known->second];
  if (!reference->fragment.empty() && reference->fragment.front() != '/') {
    const auto anchor = resource.anchors.find(reference->fragment);
    if (anchor != resource.anchors.end()) return anchor->second;
  } else if (const Value* const value = follow(*resource.root, reference->fragment)) {
    return find_schemas(*value, resource.pointer + reference->fragment, known->second);
  }
  problem(place, fmt::format("is {}, which leads to nothing in this schema", shown(place.value)));
  return nullptr;
}

std::optional<std::uint64_t> Compiler::count(const Place& place) {
  constexpr std::string_view largest = "9007199254740991";
  if (place.value.is(Type::number)) {
    const Decimal number(place.value.raw);
    if (number.is_integer() && !number.is_negative()) {
      if (compare(number, Decimal(largest)) >= 0) return std::uint64_t{1} << 53;
      return number.to_count();
    }
  }
  problem(place, fmt::format("is {}, must be an integer from 0 on", shown(place.value)));
  return {};
}

std::optional<Decimal> Compiler::number(const Place& place) {
  if (place.value.is(Type::number)) return Decimal(place.value.raw);
  problem(place, fmt::format("is {}, must be a number", shown(place.value)));
  return {};
}

std::optional<bool> Compiler::boolean(const Place& place) {
  if (place.value.is(Type::boolean)) return place.value.is_true();
  problem(place, fmt::format("is {}, must be true or false", shown(place.value)));
  return {};
}

std::optional<Pattern> Compiler::pattern(const Place& place, std::string_view source) {
  if (const auto known = patterns_.find(std::string(source)); known != patterns_.end()) return known->second;
  if (patterns_.size() == max_patterns || pattern_memory_ > max_pattern_memory) {
    problem(place, fmt::format("{} is too much: the regular expressions of a schema may be {} and take {} bytes",
                               in_quotes(source), max_patterns, max_pattern_memory));
    return {};
  }
  auto compiled = Pattern::compile(source);
  if (!compiled) {
    problem(place, compiled.error());
    return {};
  }
  pattern_memory_ += compiled->memory();
  return patterns_.emplace(source, *std::move(compiled)).first->second;
}

std::optional<std::vector<std::string_view>> Compiler::unique_names(const Place& place, const Value& list) {
  std::vector<std::string_view> names;
  for (const Value& item : list.items) {
    if (item.is(Type::string)) names.push_back(item.text);
  }
  std::vector<std::string_view> sorted = names;
  std::ranges::sort(sorted);
  const bool unique = std::ranges::adjacent_find(sorted) == sorted.end();
  if (list.is(Type::array) && names.size() == list.items.size() && unique) return names;
  problem(place, fmt::format("is {}, must be a list of names without repetition", shown(list)));
  return {};
}

}  // namespace gw::jsonschema
