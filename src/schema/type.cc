#include "schema/type.h"

#include <algorithm>

#include <fmt/core.h>
#include <boost/json.hpp>

#include "base/strings.h"
#include "json/json.h"
#include "schema/units.h"

namespace gw::schema {
namespace {

void expected(std::string_view what, const Node& node, Report& report) {
  report.add(node, fmt::format("expected {}, found {}", what, describe(node.kind)));
}

bool is_text(const Node& node) {
  return node.kind == Node::Kind::string ||
         (node.verbatim && (node.kind == Node::Kind::number || node.kind == Node::Kind::boolean));
}

class Text final : public Type {
 public:
  void read(const Node& node, void* value, Report& report) const override {
    if (!is_text(node)) return expected("a string", node, report);
    *static_cast<std::string*>(value) = node.text;
  }
  boost::json::value write(const void* value) const override {
    return boost::json::string(*static_cast<const std::string*>(value));
  }
  boost::json::object json_schema() const override { return {{"type", "string"}}; }
  std::string name() const override { return "string"; }
};

class Boolean final : public Type {
 public:
  void read(const Node& node, void* value, Report& report) const override {
    if (node.kind != Node::Kind::boolean) return expected("true or false", node, report);
    *static_cast<bool*>(value) = iequals(node.text, "true");
  }
  boost::json::value write(const void* value) const override { return *static_cast<const bool*>(value); }
  boost::json::object json_schema() const override { return {{"type", "boolean"}}; }
  std::string name() const override { return "boolean"; }
};

template <class N>
class Count final : public Type {
 public:
  Count(N min, N max) : min_(min), max_(max) {}
  void read(const Node& node, void* value, Report& report) const override {
    if (node.kind != Node::Kind::number) return expected("a whole number", node, report);
    const auto number = parse_unsigned(node.text);
    if (!number || *number < min_ || *number > max_) {
      return report.add(
          node, fmt::format("{} is not a whole number between {} and {}", printable(node.text, 40), min_, max_));
    }
    *static_cast<N*>(value) = static_cast<N>(*number);
  }
  boost::json::value write(const void* value) const override { return *static_cast<const N*>(value); }
  boost::json::object json_schema() const override {
    return {{"type", "integer"}, {"minimum", min_}, {"maximum", max_}};
  }
  std::string name() const override { return "whole number"; }

 private:
  N min_;
  N max_;
};

class DurationType final : public Type {
 public:
  DurationType(Duration min, Duration max) : min_(min), max_(max) {}
  void read(const Node& node, void* value, Report& report) const override {
    if (!node.is_scalar() || node.kind == Node::Kind::null) return expected("a duration such as \"30s\"", node, report);
    const auto parsed = parse_duration(node.text);
    if (!parsed) {
      return report.add(node, fmt::format("'{}' is not a duration; write a number with a unit, such as 250ms, 30s, 5m "
                                          "or 1h30m",
                                          printable(node.text, 40)));
    }
    if (*parsed < min_ || *parsed > max_) {
      return report.add(node, fmt::format("{} is not between {} and {}", printable(node.text, 40),
                                          format_duration(min_), format_duration(max_)));
    }
    *static_cast<Duration*>(value) = *parsed;
  }
  boost::json::value write(const void* value) const override {
    return boost::json::string(format_duration(*static_cast<const Duration*>(value)));
  }
  boost::json::object json_schema() const override {
    return {
        {"type", "string"}, {"pattern", "^(0|([0-9]+d)?([0-9]+h)?([0-9]+m)?([0-9]+s)?([0-9]+ms)?)$"}, {"minLength", 1}};
  }
  std::string name() const override { return "duration"; }

 private:
  Duration min_;
  Duration max_;
};

class Size final : public Type {
 public:
  Size(std::uint64_t min, std::uint64_t max) : min_(min), max_(max) {}
  void read(const Node& node, void* value, Report& report) const override {
    if (node.kind != Node::Kind::number && node.kind != Node::Kind::string) {
      return expected("a size such as \"64KiB\"", node, report);
    }
    const auto parsed = parse_size(node.text);
    if (!parsed) {
      return report.add(node, fmt::format("'{}' is not a size; write a number of bytes, or a number with the unit KiB, "
                                          "MiB or GiB",
                                          printable(node.text, 40)));
    }
    if (*parsed < min_ || *parsed > max_) {
      return report.add(node, fmt::format("{} is not between {} and {}", printable(node.text, 40), format_size(min_),
                                          format_size(max_)));
    }
    *static_cast<std::uint64_t*>(value) = *parsed;
  }
  boost::json::value write(const void* value) const override {
    return boost::json::string(format_size(*static_cast<const std::uint64_t*>(value)));
  }
  boost::json::object json_schema() const override {
    return {
        {"type", boost::json::array{"string", "integer"}}, {"minimum", 0}, {"pattern", "^[0-9]+ ?(B|KiB|MiB|GiB)?$"}};
  }
  std::string name() const override { return "size"; }

 private:
  std::uint64_t min_;
  std::uint64_t max_;
};

// The node as JSON text. Reports numbers that only YAML knows.
std::string json_text(const Node& node, Report& report) {
  std::string text;
  switch (node.kind) {
    case Node::Kind::null: return "null";
    case Node::Kind::boolean: return to_lower(node.text);
    case Node::Kind::string: return json_quote(node.text);
    case Node::Kind::number:
      if (!json::parse(node.text)) {
        report.add(node, fmt::format("write {} as JSON has it, or in quotes", printable(node.text, 40)));
      }
      return node.text;
    case Node::Kind::list:
      for (std::size_t i = 0; i < node.items.size(); ++i) {
        const Report::Inside inside(report, i);
        text += (i == 0 ? "" : ",") + json_text(*node.items[i], report);
      }
      return '[' + text + ']';
    case Node::Kind::object:
      for (const Member& member : node.members) {
        const Report::Inside inside(report, member.name);
        text += (text.empty() ? "" : ",") + json_quote(member.name) + ':' + json_text(*member.value, report);
      }
      return '{' + text + '}';
  }
  return text;
}

boost::json::value parsed(const std::string& text) {
  auto value = json::parse(text);
  return value ? *std::move(value) : boost::json::value();
}

class Scalar final : public Type {
 public:
  void read(const Node& node, void* value, Report& report) const override {
    if (!node.is_scalar()) return expected("a single value", node, report);
    const std::size_t before = report.problems().size();
    std::string text = json_text(node, report);
    if (report.problems().size() == before) *static_cast<std::string*>(value) = std::move(text);
  }
  boost::json::value write(const void* value) const override { return parsed(*static_cast<const std::string*>(value)); }
  boost::json::object json_schema() const override {
    return {{"type", boost::json::array{"string", "number", "boolean", "null"}}};
  }
  std::string name() const override { return "single value"; }
};

class JsonObject final : public Type {
 public:
  void read(const Node& node, void* value, Report& report) const override {
    if (node.kind != Node::Kind::object) return expected("an object", node, report);
    const std::size_t before = report.problems().size();
    std::string text = json_text(node, report);
    if (report.problems().size() == before) *static_cast<std::string*>(value) = std::move(text);
  }
  boost::json::value write(const void* value) const override { return parsed(*static_cast<const std::string*>(value)); }
  boost::json::object json_schema() const override { return {{"type", "object"}}; }
  std::string name() const override { return "JSON object"; }
};

class MapType final : public Type {
 public:
  MapType(std::string what, TypePtr item, detail::MapAccess access)
      : what_(std::move(what)), item_(std::move(item)), access_(access) {}
  void read(const Node& node, void* value, Report& report) const override {
    if (node.kind != Node::Kind::object) return expected("an object", node, report);
    access_.clear(value);
    for (const Member& member : node.members) {
      const Report::Inside inside(report, member.name);
      item_->read(*member.value, access_.at(value, member.name), report);
    }
  }
  boost::json::value write(const void* value) const override {
    boost::json::object object;
    access_.each(value, [&](const std::string& name, const void* item) { object[name] = item_->write(item); });
    return object;
  }
  boost::json::object json_schema() const override {
    return {{"type", "object"}, {"additionalProperties", item_->json_schema()}};
  }
  std::string name() const override { return item_->name() + "s by " + what_; }

 private:
  std::string what_;
  TypePtr item_;
  detail::MapAccess access_;
};

class Filled final : public Type {
 public:
  explicit Filled(TypePtr inner) : inner_(std::move(inner)) {}
  void read(const Node& node, void* value, Report& report) const override {
    const bool empty = (node.kind == Node::Kind::list && node.items.empty()) ||
                       (node.kind == Node::Kind::object && node.members.empty());
    if (empty) return report.add(node, "it is empty; leave it out, or write what it is to hold");
    inner_->read(node, value, report);
  }
  boost::json::value write(const void* value) const override { return inner_->write(value); }
  boost::json::object json_schema() const override {
    auto schema = inner_->json_schema();
    schema[schema["type"] == "array" ? "minItems" : "minProperties"] = 1;
    return schema;
  }
  std::string name() const override { return inner_->name(); }
  const Table* table() const override { return inner_->table(); }

 private:
  TypePtr inner_;
};

std::string listed(const std::vector<std::string>& words) {
  std::string text;
  for (std::size_t i = 0; i < words.size(); ++i) {
    text += i == 0 ? "" : i + 1 == words.size() ? " and " : ", ";
    text += words[i];
  }
  return text;
}

class OneOf final : public Type {
 public:
  explicit OneOf(std::vector<std::string> words) : words_(std::move(words)) {}
  void read(const Node& node, void* value, Report& report) const override {
    if (!is_text(node)) return expected(name(), node, report);
    if (std::ranges::find(words_, node.text) == words_.end()) {
      return report.add(node, fmt::format("'{}' is not {}", printable(node.text, 40), name()));
    }
    *static_cast<std::string*>(value) = node.text;
  }
  boost::json::value write(const void* value) const override {
    return boost::json::string(*static_cast<const std::string*>(value));
  }
  boost::json::object json_schema() const override {
    return {{"type", "string"}, {"enum", boost::json::array(words_.begin(), words_.end())}};
  }
  std::string name() const override { return "one of " + listed(words_); }

 private:
  std::vector<std::string> words_;
};

class ChoiceType final : public Type {
 public:
  ChoiceType(std::vector<detail::Choice> choices, detail::EnumAccess access)
      : choices_(std::move(choices)), access_(access) {}
  void read(const Node& node, void* value, Report& report) const override {
    if (!is_text(node)) return expected("one of " + names(), node, report);
    for (const auto& choice : choices_) {
      if (choice.name == node.text) return access_.set(value, choice.value);
    }
    report.add(node, fmt::format("'{}' is not one of {}", printable(node.text, 40), names()));
  }
  boost::json::value write(const void* value) const override {
    const int chosen = access_.get(value);
    for (const auto& choice : choices_) {
      if (choice.value == chosen) return boost::json::string(choice.name);
    }
    return nullptr;
  }
  boost::json::object json_schema() const override {
    boost::json::array allowed;
    for (const auto& choice : choices_) allowed.emplace_back(choice.name);
    return {{"type", "string"}, {"enum", allowed}};
  }
  std::string name() const override { return "one of " + names(); }

 private:
  std::string names() const {
    std::vector<std::string> names;
    for (const auto& choice : choices_) names.push_back(choice.name);
    return listed(names);
  }

  std::vector<detail::Choice> choices_;
  detail::EnumAccess access_;
};

class ListType final : public Type {
 public:
  ListType(TypePtr item, detail::ListAccess access) : item_(std::move(item)), access_(access) {}
  void read(const Node& node, void* value, Report& report) const override {
    if (node.kind != Node::Kind::list) return expected("a list", node, report);
    access_.clear(value);
    for (std::size_t i = 0; i < node.items.size(); ++i) {
      const Report::Inside inside(report, i);
      item_->read(*node.items[i], access_.append(value), report);
    }
  }
  boost::json::value write(const void* value) const override {
    boost::json::array list;
    for (std::size_t i = 0; i < access_.size(value); ++i) list.push_back(item_->write(access_.at(value, i)));
    return list;
  }
  boost::json::object json_schema() const override { return {{"type", "array"}, {"items", item_->json_schema()}}; }
  std::string name() const override { return "list of " + item_->name() + "s"; }
  const Table* table() const override { return item_->table(); }

 private:
  TypePtr item_;
  detail::ListAccess access_;
};

class OptionalType final : public Type {
 public:
  OptionalType(TypePtr inner, detail::OptionalAccess access) : inner_(std::move(inner)), access_(access) {}
  void read(const Node& node, void* value, Report& report) const override {
    if (node.kind == Node::Kind::null) return access_.reset(value);
    inner_->read(node, access_.emplace(value), report);
  }
  boost::json::value write(const void* value) const override {
    const void* held = access_.get(value);
    return held ? inner_->write(held) : nullptr;
  }
  boost::json::object json_schema() const override { return inner_->json_schema(); }
  std::string name() const override { return inner_->name(); }
  const Table* table() const override { return inner_->table(); }

 private:
  TypePtr inner_;
  detail::OptionalAccess access_;
};

}  // namespace

Of<std::string> text() {
  return {std::make_shared<Text>()};
}
Of<bool> boolean() {
  return {std::make_shared<Boolean>()};
}
Of<std::uint64_t> count(std::uint64_t min, std::uint64_t max) {
  return {std::make_shared<Count<std::uint64_t>>(min, max)};
}
Of<std::uint32_t> small_count(std::uint32_t min, std::uint32_t max) {
  return {std::make_shared<Count<std::uint32_t>>(min, max)};
}
Of<std::uint16_t> port_number() {
  return {std::make_shared<Count<std::uint16_t>>(std::uint16_t{1}, std::uint16_t{65535})};
}
Of<Duration> duration(Duration min, Duration max) {
  return {std::make_shared<DurationType>(min, max)};
}
Of<std::uint64_t> size(std::uint64_t min, std::uint64_t max) {
  return {std::make_shared<Size>(min, max)};
}
Of<std::vector<std::string>> texts() {
  return list(text());
}
Of<std::string> scalar() {
  return {std::make_shared<Scalar>()};
}
Of<std::string> json_object() {
  return {std::make_shared<JsonObject>()};
}
Of<std::string> one_of(std::vector<std::string> words) {
  return {std::make_shared<OneOf>(std::move(words))};
}
Of<std::map<std::string, std::string>> text_map(std::string what) {
  return map(std::move(what), text());
}

namespace detail {

TypePtr make_choice(std::vector<Choice> choices, EnumAccess access) {
  return std::make_shared<ChoiceType>(std::move(choices), access);
}
TypePtr make_list(TypePtr item, ListAccess access) {
  return std::make_shared<ListType>(std::move(item), access);
}
TypePtr make_optional(TypePtr inner, OptionalAccess access) {
  return std::make_shared<OptionalType>(std::move(inner), access);
}
TypePtr make_map(std::string what, TypePtr item, MapAccess access) {
  return std::make_shared<MapType>(std::move(what), std::move(item), access);
}
TypePtr make_filled(TypePtr inner) {
  return std::make_shared<Filled>(std::move(inner));
}

}  // namespace detail
}  // namespace gw::schema
