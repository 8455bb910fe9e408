// The keywords that look at a value alone: validation and metadata of the 2020-12 vocabularies.
#include <algorithm>
#include <set>

#include <fmt/core.h>

#include "jsonschema/compiler.h"
#include "jsonschema/evaluation.h"
#include "jsonschema/wording.h"

namespace gw::jsonschema {
namespace {

using Place = Compiler::Place;

// A keyword from a function.
template <class Check>
class Assertion final : public Keyword {
 public:
  explicit Assertion(Check check) : check_(std::move(check)) {}
  bool check(Evaluation& evaluation, const Value& value, Evaluated*) const override {
    return check_(evaluation, value);
  }

 private:
  Check check_;
};

template <class Check>
void add(Node& node, Check check) {
  node.keywords.push_back(std::make_unique<const Assertion<Check>>(std::move(check)));
}

constexpr std::pair<std::string_view, Type> type_names[] = {
    {"null", Type::null},      {"boolean", Type::boolean}, {"object", Type::object}, {"array", Type::array},
    {"integer", Type::number}, {"number", Type::number},   {"string", Type::string},
};

std::string with_article(std::string_view type) {
  if (type == "null") return "null";
  if (type == "boolean") return "true or false";
  if (type == "array") return "a list";
  return fmt::format("{} {}", type == "object" || type == "integer" ? "an" : "a", type);
}

bool is_of(std::string_view type, const Value& value) {
  const auto* const named = std::ranges::find(type_names, type, [](const auto& pair) { return pair.first; });
  return named->second == value.type && (type != "integer" || Decimal(value.raw).is_integer());
}

void add_type(Compiler& compiler, const Place& place, Node& node) {
  const auto names = place.value.is(Type::string) ? std::optional(std::vector<std::string_view>{place.value.text})
                                                  : compiler.unique_names(place, place.value);
  if (!names) return;
  std::vector<std::string> texts;
  for (const std::string_view name : *names) {
    if (!std::ranges::any_of(type_names, [&](const auto& pair) { return pair.first == name; })) {
      compiler.problem(place, fmt::format("is {}, must be null, boolean, object, array, number, integer or string",
                                          in_quotes(name)));
      return;
    }
    texts.push_back(with_article(name));
  }
  if (texts.empty()) return compiler.problem(place, "is an empty list, must name at least one type");
  add(node, [names = *names, wanted = alternatives(texts)](Evaluation& evaluation, const Value& value) {
    if (std::ranges::any_of(names, [&](std::string_view name) { return is_of(name, value); })) return true;
    return evaluation.report(fmt::format("is {}, must be {}", shown(value), wanted));
  });
}

void add_enum(Compiler& compiler, const Place& place, Node& node) {
  if (!place.value.is(Type::array)) {
    return compiler.problem(place, fmt::format("is {}, must be a list of values", shown(place.value)));
  }
  std::vector<std::string> texts;
  for (const Value& item : place.value.items) texts.push_back(item.is(Type::object) ? "an object" : shown(item));
  add(node, [choices = place.value.items, wanted = alternatives(texts)](Evaluation& evaluation, const Value& value) {
    for (const Value& choice : choices) {
      if (compare(choice, value, evaluation.budget()) == 0) return true;
    }
    return evaluation.report(fmt::format("is {}, must be {}", shown(value), wanted.empty() ? "absent" : wanted));
  });
}

void add_const(const Place& place, Node& node) {
  add(node, [&constant = place.value](Evaluation& evaluation, const Value& value) {
    if (compare(constant, value, evaluation.budget()) == 0) return true;
    const std::string wanted = constant.items.empty() ? shown(constant) : "exactly the value of \"const\"";
    return evaluation.report(fmt::format("is {}, must be {}", shown(value), wanted));
  });
}

// How `value` may compare with the bound: "at least 5".
struct Bound {
  std::string_view keyword;
  std::string_view words;
  bool (*holds)(int order);
};

constexpr Bound bounds[] = {
    {"minimum", "at least", [](int order) { return order >= 0; }},
    {"maximum", "at most", [](int order) { return order <= 0; }},
    {"exclusiveMinimum", "more than", [](int order) { return order > 0; }},
    {"exclusiveMaximum", "less than", [](int order) { return order < 0; }},
};

void add_bound(Compiler& compiler, const Place& place, Node& node, const Bound& bound) {
  const auto limit = compiler.number(place);
  if (!limit) return;
  add(node, [&bound, limit = *limit, &source = place.value](Evaluation& evaluation, const Value& value) {
    if (!value.is(Type::number) || bound.holds(compare(Decimal(value.raw), limit))) return true;
    return evaluation.report(fmt::format("is {}, must be {} {}", shown(value), bound.words, shown(source)));
  });
}

void add_multiple_of(Compiler& compiler, const Place& place, Node& node) {
  const auto divisor = compiler.number(place);
  if (!divisor) return;
  if (!divisor->may_divide()) {
    return compiler.problem(place, fmt::format("is {}, must be more than 0 and have at most {} significant digits",
                                               shown(place.value), Decimal::max_divisor_digits));
  }
  add(node, [divisor = *divisor, &source = place.value](Evaluation& evaluation, const Value& value) {
    if (!value.is(Type::number) || Decimal(value.raw).is_multiple_of(divisor)) return true;
    return evaluation.report(fmt::format("is {}, must be a multiple of {}", shown(value), shown(source)));
  });
}

// What is counted, of which type.
struct Size {
  std::string_view keyword;
  Type type;
  bool is_minimum;
  std::string_view word;
};

constexpr Size sizes[] = {
    {"minLength", Type::string, true, "character"},  {"maxLength", Type::string, false, "character"},
    {"minItems", Type::array, true, "item"},         {"maxItems", Type::array, false, "item"},
    {"minProperties", Type::object, true, "member"}, {"maxProperties", Type::object, false, "member"},
};

void add_size(Compiler& compiler, const Place& place, Node& node, const Size& size) {
  const auto limit = compiler.count(place);
  if (!limit) return;
  add(node, [&size, limit = *limit](Evaluation& evaluation, const Value& value) {
    if (value.type != size.type) return true;
    const std::size_t actual = size.type == Type::string ? characters(value.text) : value.items.size();
    if (size.is_minimum ? actual >= limit : actual <= limit) return true;
    return evaluation.report(fmt::format("has {}, must have {} {}", counted(actual, size.word),
                                         size.is_minimum ? "at least" : "at most", limit));
  });
}

void add_pattern(Compiler& compiler, const Place& place, Node& node) {
  if (!place.value.is(Type::string)) {
    return compiler.problem(place, fmt::format("is {}, must be a regular expression", shown(place.value)));
  }
  auto pattern = compiler.pattern(place, place.value.text);
  if (!pattern) return;
  add(node, [pattern = *std::move(pattern)](Evaluation& evaluation, const Value& value) {
    if (!value.is(Type::string)) return true;
    if (!evaluation.spend(pattern.cost(value.text))) return false;
    if (pattern.found_in(value.text)) return true;
    return evaluation.report(
        fmt::format("is {}, must match the regular expression {}", shown(value), in_quotes(pattern.source())));
  });
}

void add_unique_items(Compiler& compiler, const Place& place, Node& node) {
  if (!compiler.boolean(place).value_or(false)) return;
  add(node, [](Evaluation& evaluation, const Value& value) {
    if (!value.is(Type::array)) return true;
    const auto before = [&](std::size_t a, std::size_t b) {
      return compare(value.items[a], value.items[b], evaluation.budget()) < 0;
    };
    std::set<std::size_t, decltype(before)> known(before);
    for (std::size_t i = 0; i < value.items.size(); ++i) {
      const auto [same, added] = known.insert(i);
      if (added) continue;
      return evaluation.report(fmt::format("has the same item at {} and {}, must have each only once", *same, i));
    }
    return true;
  });
}

bool require(Evaluation& evaluation, const Value& value, std::string_view name, std::string_view why) {
  if (value.member(name)) return true;
  return evaluation.report(fmt::format("lacks {}, which is required{}", in_quotes(name), why));
}

void add_required(Compiler& compiler, const Place& place, Node& node) {
  auto names = compiler.unique_names(place, place.value);
  if (!names) return;
  add(node, [names = *std::move(names)](Evaluation& evaluation, const Value& value) {
    bool valid = true;
    if (!value.is(Type::object)) return true;
    for (const std::string_view name : names) {
      evaluation.spend(1);
      if (!require(evaluation, value, name, "")) valid = false;
    }
    return valid;
  });
}

void add_dependent_required(Compiler& compiler, const Place& place, Node& node) {
  if (!place.value.is(Type::object)) {
    return compiler.problem(place, fmt::format("is {}, must be an object of lists of names", shown(place.value)));
  }
  for (std::size_t i = 0; i < place.value.items.size(); ++i) {
    auto names = compiler.unique_names(place, place.value.items[i]);
    if (!names) continue;
    add(node, [cause = place.value.names[i], names = *std::move(names)](Evaluation& evaluation, const Value& value) {
      if (!value.is(Type::object) || !value.member(cause)) return true;
      bool valid = true;
      for (const std::string_view name : names) {
        evaluation.spend(1);
        if (!require(evaluation, value, name, fmt::format(" because {} is given", in_quotes(cause)))) valid = false;
      }
      return valid;
    });
  }
}

// Keywords that assert nothing but have a type of their own.
void check_annotation(Compiler& compiler, const Place& place) {
  constexpr std::string_view strings[] = {"$comment",    "contentEncoding", "contentMediaType",
                                          "description", "format",          "title"};
  constexpr std::string_view booleans[] = {"deprecated", "readOnly", "writeOnly"};
  if (std::ranges::find(strings, place.keyword) != std::end(strings) && !place.value.is(Type::string)) {
    compiler.problem(place, fmt::format("is {}, must be a string", shown(place.value)));
  }
  if (std::ranges::find(booleans, place.keyword) != std::end(booleans)) compiler.boolean(place);
  if (place.keyword == "examples" && !place.value.is(Type::array)) {
    compiler.problem(place, fmt::format("is {}, must be a list of values", shown(place.value)));
  }
  if (place.keyword == "$vocabulary" && !place.value.is(Type::object)) {
    compiler.problem(place, fmt::format("is {}, must be an object", shown(place.value)));
  }
}

}  // namespace

void add_assertion(Compiler& compiler, const Place& place, Node& node) {
  const std::string_view keyword = place.keyword;
  const auto* const bound = std::ranges::find(bounds, keyword, &Bound::keyword);
  if (bound != std::end(bounds)) return add_bound(compiler, place, node, *bound);
  const auto* const size = std::ranges::find(sizes, keyword, &Size::keyword);
  if (size != std::end(sizes)) return add_size(compiler, place, node, *size);
  if (keyword == "type") return add_type(compiler, place, node);
  if (keyword == "enum") return add_enum(compiler, place, node);
  if (keyword == "const") return add_const(place, node);
  if (keyword == "multipleOf") return add_multiple_of(compiler, place, node);
  if (keyword == "pattern") return add_pattern(compiler, place, node);
  if (keyword == "uniqueItems") return add_unique_items(compiler, place, node);
  if (keyword == "required") return add_required(compiler, place, node);
  if (keyword == "dependentRequired") return add_dependent_required(compiler, place, node);
  check_annotation(compiler, place);
}

}  // namespace gw::jsonschema
