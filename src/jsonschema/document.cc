#include "jsonschema/document.h"

#include <algorithm>
#include <numeric>
#include <optional>
#include <vector>

#include <fmt/core.h>

#include "base/strings.h"
#include "jsonschema/decimal.h"
#include "mcp/json_text.h"

namespace gw::jsonschema {

// Builds the values of one text in the memory of a document.
class Reader {
 public:
  Reader(std::string_view json, std::size_t max_depth, std::size_t max_values, std::pmr::memory_resource& memory)
      : scanner_(json, max_depth), values_left_(max_values), memory_(memory) {}

  std::expected<Value, Problem> run() {
    if (!is_utf8(scanner_.text())) return std::unexpected(Problem{"", "is not UTF-8"});
    const Value root = read();
    if (problem_) return std::unexpected(*std::move(problem_));
    if (!scanner_.finish()) return std::unexpected(Problem{"", "is not JSON: " + scanner_.problem()});
    return root;
  }

 private:
  Value read() {
    Value value;
    const char first = scanner_.peek();
    if (values_left_ == 0) {
      refuse("has too many values");
      return value;
    }
    --values_left_;
    const std::size_t start = scanner_.position();
    switch (first) {
      case '{': read_object(value); break;
      case '[': read_array(value); break;
      default: read_scalar(value, first); return value;
    }
    value.raw = scanner_.text().substr(start, scanner_.position() - start);
    return value;
  }

  void read_scalar(Value& value, char first) {
    if (!scanner_.take(value.raw)) return;
    switch (first) {
      case '"':
        value.type = Type::string;
        value.text = decoded(value.raw);
        break;
      case 'n': value.type = Type::null; break;
      case 't':
      case 'f': value.type = Type::boolean; break;
      default: value.type = Type::number;
    }
  }

  void read_array(Value& value) {
    value.type = Type::array;
    std::vector<Value> items;
    for (scanner_.enter_array(); !problem_ && scanner_.next_element();) {
      path_.push_back(std::to_string(items.size()));
      items.push_back(read());
      path_.pop_back();
    }
    value.items = keep<Value>(items);
  }

  void read_object(Value& value) {
    value.type = Type::object;
    std::vector<Value> items;
    std::vector<std::string_view> names;
    std::string_view key;
    for (scanner_.enter_object(); !problem_ && scanner_.next_member(key);) {
      names.push_back(decoded(key));
      path_.emplace_back(names.back());
      items.push_back(read());
      path_.pop_back();
    }
    sort_members(names, items);
    value.names = keep<std::string_view>(names);
    value.items = keep<Value>(items);
  }

  void sort_members(std::vector<std::string_view>& names, std::vector<Value>& items) {
    std::vector<std::size_t> order(names.size());
    std::iota(order.begin(), order.end(), 0);
    std::ranges::sort(order, {}, [&](std::size_t at) { return names[at]; });
    std::vector<std::string_view> sorted_names;
    std::vector<Value> sorted_items;
    for (const std::size_t at : order) {
      if (!sorted_names.empty() && sorted_names.back() == names[at]) {
        refuse(fmt::format("has the member {} twice", json_quote(printable(names[at]))));
      }
      sorted_names.push_back(names[at]);
      sorted_items.push_back(items[at]);
    }
    names = std::move(sorted_names);
    items = std::move(sorted_items);
  }

  void refuse(std::string message) {
    if (problem_) return;
    problem_ = Problem{.path = {}, .message = std::move(message)};
    for (const std::string& step : path_) problem_->path += pointer_step(step);
  }

  std::string_view decoded(std::string_view literal) {
    if (literal.find('\\') == std::string_view::npos) return literal.substr(1, literal.size() - 2);
    const std::string text = mcp::json_unquote(literal);
    const auto kept = keep<char>(text);
    return {kept.data(), kept.size()};
  }

  template <class T>
  std::span<const T> keep(std::span<const T> items) {
    if (items.empty()) return {};
    T* const kept = std::pmr::polymorphic_allocator<T>(&memory_).allocate(items.size());
    std::uninitialized_copy(items.begin(), items.end(), kept);
    return {kept, items.size()};
  }

  mcp::JsonScanner scanner_;
  std::size_t values_left_;
  std::pmr::memory_resource& memory_;
  std::vector<std::string> path_;
  std::optional<Problem> problem_;
};

std::expected<Document, Problem> Document::parse(std::string_view json, std::size_t max_depth, std::size_t max_values) {
  Document document;
  document.memory_ = std::make_unique<std::pmr::monotonic_buffer_resource>();
  auto root = Reader(json, max_depth, max_values, *document.memory_).run();
  if (!root) return std::unexpected(std::move(root).error());
  document.root_ = *root;
  return document;
}

const Value* Value::member(std::string_view name) const {
  const auto found = std::ranges::lower_bound(names, name);
  return found != names.end() && *found == name ? &items[static_cast<std::size_t>(found - names.begin())] : nullptr;
}

std::size_t characters(std::string_view text) {
  return static_cast<std::size_t>(std::ranges::count_if(text, [](char c) { return (c & 0xC0) != 0x80; }));
}

std::string pointer_step(std::string_view name) {
  std::string out = "/";
  for (const char c : name) {
    if (c == '~' || c == '/') {
      out += c == '~' ? "~0" : "~1";
    } else {
      out += c;
    }
  }
  return out;
}

int compare(const Value& a, const Value& b, Budget& budget) {
  if (a.type != b.type) return a.type < b.type ? -1 : 1;
  if (!budget.spend(1 + std::min(a.raw.size(), b.raw.size()) / 64)) return 0;
  switch (a.type) {
    case Type::null: return 0;
    case Type::boolean: return a.raw.compare(b.raw);
    case Type::number: return compare(Decimal(a.raw), Decimal(b.raw));
    case Type::string: return a.text.compare(b.text);
    case Type::array:
    case Type::object: break;
  }
  if (a.items.size() != b.items.size()) return a.items.size() < b.items.size() ? -1 : 1;
  for (std::size_t i = 0; i < a.names.size(); ++i) {
    if (const int order = a.names[i].compare(b.names[i]); order != 0) return order;
  }
  for (std::size_t i = 0; i < a.items.size(); ++i) {
    if (const int order = compare(a.items[i], b.items[i], budget); order != 0) return order;
  }
  return 0;
}

}  // namespace gw::jsonschema
