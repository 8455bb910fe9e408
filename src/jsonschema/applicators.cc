// The keywords that apply other schemas to a value, its items or its members.
#include <algorithm>

#include <fmt/core.h>

#include "base/strings.h"
#include "jsonschema/compiler.h"
#include "jsonschema/evaluation.h"
#include "jsonschema/wording.h"

namespace gw::jsonschema {
namespace {

using Place = Compiler::Place;

template <class Check>
class Applicator final : public Keyword {
 public:
  explicit Applicator(Check check) : check_(std::move(check)) {}
  bool check(Evaluation& evaluation, const Value& value, Evaluated* seen) const override {
    return check_(evaluation, value, seen);
  }

 private:
  Check check_;
};

template <class Check>
KeywordPtr make(Check check) {
  return std::make_unique<const Applicator<Check>>(std::move(check));
}

void mark(Evaluated* seen, std::size_t index) {
  if (seen) (*seen)[index] = true;
}

// ── References and logic, which apply to the value itself ─────────────────────────────────────────────────────────

KeywordPtr reference(const Node* target) {
  return make([target](Evaluation& evaluation, const Value& value, Evaluated* seen) {
    return evaluation.refer(*target, value, seen);
  });
}

KeywordPtr dynamic_reference(std::string anchor, const Node* target) {
  return make([anchor = std::move(anchor), target](Evaluation& evaluation, const Value& value, Evaluated* seen) {
    return evaluation.refer(evaluation.dynamic_target(anchor, *target), value, seen);
  });
}

void add_reference(Compiler& compiler, const Place& place, Node& node) {
  const Node* const target = compiler.target(place);
  if (!target) return;
  if (place.keyword == "$dynamicRef") {
    const std::string_view text = place.value.text;
    const std::string anchor(text.substr(std::min(text.find('#'), text.size() - 1) + 1));
    const auto& anchors = compiler.resource(*target).dynamic_anchors;
    if (const auto found = anchors.find(anchor); found != anchors.end() && found->second == target) {
      node.keywords.push_back(dynamic_reference(anchor, target));
      return;
    }
  }
  node.keywords.push_back(reference(target));
}

KeywordPtr all_of(std::vector<const Node*> nodes) {
  return make([nodes = std::move(nodes)](Evaluation& evaluation, const Value& value, Evaluated* seen) {
    bool valid = true;
    for (const Node* const node : nodes) {
      if (!evaluation.apply(*node, value, seen)) valid = false;
    }
    return valid;
  });
}

// What kept each alternative from matching: "1) must be a number; 2) …".
std::string reasons(const std::vector<Problem>& problems) {
  constexpr std::size_t most = 5;
  std::string out;
  for (std::size_t i = 0; i < std::min(problems.size(), most); ++i) {
    if (problems[i].message.empty()) continue;
    out += fmt::format("{} {}) {}", out.empty() ? "" : ";", i + 1, to_text(problems[i]));
  }
  if (problems.size() > most) out += fmt::format("; and {} more", problems.size() - most);
  return out;
}

bool report_no_match(Evaluation& evaluation, const Value& value, const std::vector<Problem>& problems) {
  if (problems.size() == 1) return evaluation.report(problems.front());
  return evaluation.report(
      fmt::format("is {}, must match one of {} alternatives:{}", shown(value), problems.size(), reasons(problems)));
}

KeywordPtr any_of(std::vector<const Node*> nodes) {
  return make([nodes = std::move(nodes)](Evaluation& evaluation, const Value& value, Evaluated* seen) {
    std::vector<Problem> problems;
    bool valid = false;
    for (const Node* const node : nodes) {
      if (evaluation.matches(*node, value, seen, &problems.emplace_back())) valid = true;
      if (valid && !seen) return true;
    }
    return valid || report_no_match(evaluation, value, problems);
  });
}

KeywordPtr one_of(std::vector<const Node*> nodes) {
  return make([nodes = std::move(nodes)](Evaluation& evaluation, const Value& value, Evaluated* seen) {
    std::vector<Problem> problems;
    std::string matching;
    std::size_t count = 0;
    for (std::size_t i = 0; i < nodes.size(); ++i) {
      if (!evaluation.matches(*nodes[i], value, seen, &problems.emplace_back())) continue;
      matching += fmt::format("{}{}", count++ > 0 ? " and " : "", i + 1);
    }
    if (count == 1) return true;
    if (count == 0) return report_no_match(evaluation, value, problems);
    return evaluation.report(fmt::format("is {}, must match exactly one of {} alternatives, but matches number {}",
                                         shown(value), nodes.size(), matching));
  });
}

KeywordPtr negation(const Node* node) {
  return make([node](Evaluation& evaluation, const Value& value, Evaluated*) {
    if (!evaluation.matches(*node, value, nullptr)) return true;
    return evaluation.report(fmt::format("is {}, must not be what \"not\" describes", shown(value)));
  });
}

KeywordPtr condition(const Node* test, const Node* then, const Node* otherwise) {
  return make([=](Evaluation& evaluation, const Value& value, Evaluated* seen) {
    const Node* const chosen = evaluation.matches(*test, value, seen) ? then : otherwise;
    return !chosen || evaluation.apply(*chosen, value, seen);
  });
}

KeywordPtr dependent_schemas(std::vector<std::pair<std::string_view, const Node*>> nodes) {
  return make([nodes = std::move(nodes)](Evaluation& evaluation, const Value& value, Evaluated* seen) {
    bool valid = true;
    for (const auto& [name, node] : nodes) {
      if (value.is(Type::object) && value.member(name) && !evaluation.apply(*node, value, seen)) valid = false;
    }
    return valid;
  });
}

// ── Items ─────────────────────────────────────────────────────────────────────────────────────────────────────────

KeywordPtr prefix_items(std::vector<const Node*> nodes) {
  return make([nodes = std::move(nodes)](Evaluation& evaluation, const Value& value, Evaluated* seen) {
    if (!value.is(Type::array)) return true;
    bool valid = true;
    for (std::size_t i = 0; i < std::min(nodes.size(), value.items.size()); ++i) {
      if (!evaluation.apply_to_item(*nodes[i], value, i)) valid = false;
      mark(seen, i);
    }
    return valid;
  });
}

// Applies to those from `first` on that `seen` does not have.
bool apply_to_items(Evaluation& evaluation, const Node& node, const Value& value, std::size_t first, Evaluated* seen,
                    bool skip_seen) {
  if (!value.is(Type::array)) return true;
  bool valid = true;
  for (std::size_t i = first; i < value.items.size() && !evaluation.enough(); ++i) {
    if (skip_seen && (*seen)[i]) continue;
    if (!evaluation.apply_to_item(node, value, i)) valid = false;
    mark(seen, i);
  }
  return valid;
}

KeywordPtr items(const Node* node, std::size_t first) {
  return make([=](Evaluation& evaluation, const Value& value, Evaluated* seen) {
    return apply_to_items(evaluation, *node, value, first, seen, false);
  });
}

KeywordPtr unevaluated_items(const Node* node) {
  return make([node](Evaluation& evaluation, const Value& value, Evaluated* seen) {
    return apply_to_items(evaluation, *node, value, 0, seen, true);
  });
}

KeywordPtr contains(const Node* node, std::uint64_t least, std::optional<std::uint64_t> most) {
  return make([=](Evaluation& evaluation, const Value& value, Evaluated* seen) {
    if (!value.is(Type::array)) return true;
    std::uint64_t found = 0;
    for (std::size_t i = 0; i < value.items.size(); ++i) {
      if (!evaluation.item_matches(*node, value, i)) continue;
      ++found;
      mark(seen, i);
    }
    if (found >= least && found <= most.value_or(found)) return true;
    const bool few = found < least;
    return evaluation.report(fmt::format("has {} that \"contains\" describes, must have at {} {}",
                                         counted(found, "item"), few ? "least" : "most", few ? least : *most));
  });
}

void add_contains(Compiler& compiler, const Place& place, Node& node) {
  const Node* const schema = compiler.schema(place);
  const auto sibling = [&](std::string_view name) -> std::optional<std::uint64_t> {
    const Value* const value = node.source->member(name);
    return value ? compiler.count({node, name, *value}) : std::nullopt;
  };
  const auto least = sibling("minContains");
  const auto most = sibling("maxContains");
  if (schema) node.keywords.push_back(contains(schema, least.value_or(1), most));
}

// ── Members ───────────────────────────────────────────────────────────────────────────────────────────────────────

KeywordPtr properties(std::vector<std::pair<std::string_view, const Node*>> nodes) {
  return make([nodes = std::move(nodes)](Evaluation& evaluation, const Value& value, Evaluated* seen) {
    if (!value.is(Type::object)) return true;
    bool valid = true;
    // Both are sorted by name.
    std::size_t at = 0;
    for (const auto& [name, node] : nodes) {
      while (at < value.names.size() && value.names[at] < name) ++at;
      evaluation.spend(1);
      if (at == value.names.size()) break;
      if (value.names[at] != name) continue;
      if (!evaluation.apply_to_member(*node, value, at)) valid = false;
      mark(seen, at);
    }
    return valid;
  });
}

KeywordPtr pattern_properties(std::vector<std::pair<Pattern, const Node*>> nodes) {
  return make([nodes = std::move(nodes)](Evaluation& evaluation, const Value& value, Evaluated* seen) {
    if (!value.is(Type::object)) return true;
    bool valid = true;
    for (const auto& [pattern, node] : nodes) {
      for (std::size_t i = 0; i < value.names.size() && !evaluation.enough(); ++i) {
        if (!evaluation.spend(pattern.cost(value.names[i]))) return false;
        if (!pattern.found_in(value.names[i])) continue;
        if (!evaluation.apply_to_member(*node, value, i)) valid = false;
        mark(seen, i);
      }
    }
    return valid;
  });
}

// The members that a schema names.
struct Named {
  std::vector<std::string> names;  // In ascending order.
  std::vector<Pattern> patterns;

  bool has(std::string_view name) const {
    return std::ranges::binary_search(names, name) ||
           std::ranges::any_of(patterns, [&](const Pattern& pattern) { return pattern.found_in(name); });
  }
  // Of has(), in steps.
  std::uint64_t cost(std::string_view name) const {
    std::uint64_t steps = 1;
    for (const Pattern& pattern : patterns) steps += pattern.cost(name);
    return steps;
  }
  // What to say of a member that is not allowed.
  std::string refusal(std::string_view name) const {
    if (const auto near = nearest(name, names)) {
      return fmt::format("is not allowed here; did you mean {}?", in_quotes(*near));
    }
    if (names.empty()) return "is not allowed here";
    std::vector<std::string> texts;
    for (const std::string& known : names) texts.push_back(in_quotes(known));
    return fmt::format("is not allowed here, only {}", alternatives(texts));
  }
};

KeywordPtr additional_properties(const Node* node, Named named) {
  return make([node, named = std::move(named)](Evaluation& evaluation, const Value& value, Evaluated* seen) {
    if (!value.is(Type::object)) return true;
    bool valid = true;
    for (std::size_t i = 0; i < value.names.size() && !evaluation.enough(); ++i) {
      if (!evaluation.spend(named.cost(value.names[i]))) return false;
      if (named.has(value.names[i])) continue;
      if (node->allows_nothing()) {
        evaluation.spend(named.names.size());  // Each is looked at for the one that was meant.
        valid = evaluation.report_at_member(value.names[i], named.refusal(value.names[i]));
      } else if (!evaluation.apply_to_member(*node, value, i)) {
        valid = false;
      }
      mark(seen, i);
    }
    return valid;
  });
}

KeywordPtr unevaluated_properties(const Node* node) {
  return make([node](Evaluation& evaluation, const Value& value, Evaluated* seen) {
    if (!value.is(Type::object)) return true;
    bool valid = true;
    for (std::size_t i = 0; i < value.names.size() && !evaluation.enough(); ++i) {
      if ((*seen)[i]) continue;
      if (node->allows_nothing()) {
        valid = evaluation.report_at_member(value.names[i], "is not allowed here");
      } else if (!evaluation.apply_to_member(*node, value, i)) {
        valid = false;
      }
      mark(seen, i);
    }
    return valid;
  });
}

KeywordPtr property_names(const Node* node) {
  return make([node](Evaluation& evaluation, const Value& value, Evaluated*) {
    if (!value.is(Type::object)) return true;
    bool valid = true;
    for (const std::string_view name : value.names) {
      const std::string raw = json_quote(name);
      const Value as_value{.type = Type::string, .raw = raw, .text = name, .items = {}, .names = {}};
      Problem why;
      if (evaluation.name_matches(*node, as_value, &why)) continue;
      valid = evaluation.report_at_member(name, "has a name that is not allowed: it " + why.message);
    }
    return valid;
  });
}

void add_pattern_properties(Compiler& compiler, const Place& place, Node& node) {
  std::vector<std::pair<Pattern, const Node*>> nodes;
  for (const auto& [source, schema] : compiler.schema_map(place)) {
    if (auto pattern = compiler.pattern(place, source)) nodes.emplace_back(*std::move(pattern), schema);
  }
  node.keywords.push_back(pattern_properties(std::move(nodes)));
}

Named named_by(Compiler& compiler, const Node& node) {
  Named named;
  if (const Value* const listed = node.source->member("properties")) {
    named.names.assign(listed->names.begin(), listed->names.end());
  }
  const Value* const patterns = node.source->member("patternProperties");
  for (const std::string_view source : patterns ? patterns->names : std::span<const std::string_view>()) {
    if (auto pattern = compiler.pattern({node, "patternProperties", *patterns}, source))
      named.patterns.push_back(*std::move(pattern));
  }
  return named;
}

void add_condition(Compiler& compiler, const Place& place, Node& node) {
  const auto sibling = [&](std::string_view name) -> const Node* {
    const Value* const value = node.source->member(name);
    return value ? compiler.schema({node, name, *value}) : nullptr;
  };
  if (const Node* const test = compiler.schema(place)) {
    node.keywords.push_back(condition(test, sibling("then"), sibling("else")));
  }
}

// Keywords with one schema as their value.
KeywordPtr with_schema(Compiler& compiler, std::string_view keyword, const Node* schema, const Node& node) {
  if (keyword == "not") return negation(schema);
  if (keyword == "propertyNames") return property_names(schema);
  if (keyword == "additionalProperties") return additional_properties(schema, named_by(compiler, node));
  if (keyword != "items") return nullptr;
  const Value* const prefix = node.source->member("prefixItems");
  return items(schema, prefix ? prefix->items.size() : 0);
}

}  // namespace

void add_applicator(Compiler& compiler, const Place& place, Node& node) {
  const std::string_view keyword = place.keyword;
  if (keyword == "$ref" || keyword == "$dynamicRef") return add_reference(compiler, place, node);
  if (keyword == "allOf") return node.keywords.push_back(all_of(compiler.schemas(place)));
  if (keyword == "anyOf") return node.keywords.push_back(any_of(compiler.schemas(place)));
  if (keyword == "oneOf") return node.keywords.push_back(one_of(compiler.schemas(place)));
  if (keyword == "prefixItems") return node.keywords.push_back(prefix_items(compiler.schemas(place)));
  if (keyword == "properties") return node.keywords.push_back(properties(compiler.schema_map(place)));
  if (keyword == "dependentSchemas") return node.keywords.push_back(dependent_schemas(compiler.schema_map(place)));
  if (keyword == "patternProperties") return add_pattern_properties(compiler, place, node);
  if (keyword == "contains") return add_contains(compiler, place, node);
  if (keyword == "if") return add_condition(compiler, place, node);
  const Node* const schema = compiler.schema(place);
  if (!schema) return;
  if (keyword == "unevaluatedItems") return node.unevaluated.push_back(unevaluated_items(schema));
  if (keyword == "unevaluatedProperties") return node.unevaluated.push_back(unevaluated_properties(schema));
  if (auto made = with_schema(compiler, keyword, schema, node)) node.keywords.push_back(std::move(made));
}

}  // namespace gw::jsonschema
