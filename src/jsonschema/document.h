// A JSON text taken apart, with the text of every value at hand: numbers stay as they were written.
#pragma once

#include <cstdint>
#include <expected>
#include <memory>
#include <memory_resource>
#include <span>
#include <string>
#include <string_view>

#include "jsonschema/schema.h"

namespace gw::jsonschema {

enum class Type : std::uint8_t { null, boolean, number, string, array, object };

// Views into a Document.
struct Value {
  Type type = Type::null;
  std::string_view raw;                     // As it was written.
  std::string_view text;                    // Of a string: decoded.
  std::span<const Value> items;             // Of an array; of an object, the values of its members by name.
  std::span<const std::string_view> names;  // Of an object: of the members, decoded and in ascending order.

  bool is(Type wanted) const { return type == wanted; }
  bool is_true() const { return raw == "true"; }
  // Null when there is none.
  const Value* member(std::string_view name) const;
};

// The number of code points of well-formed UTF-8.
std::size_t characters(std::string_view text);

// One step of a JSON pointer, with its slash: "a/b" gives "/a~1b".
std::string pointer_step(std::string_view name);

// What may still be done before a check is given up.
class Budget {
 public:
  explicit Budget(std::uint64_t steps) : left_(steps) {}
  // False when that was too much, from then on.
  bool spend(std::uint64_t steps) {
    left_ = steps < left_ ? left_ - steps : 0;
    return left_ > 0;
  }
  bool exhausted() const { return left_ == 0; }

 private:
  std::uint64_t left_;
};

// A total order in which values are equal when JSON Schema says so: 1 and 1.0 are, members have no order.
// Without a meaning once the budget is exhausted.
int compare(const Value& a, const Value& b, Budget& budget);

class Document {
 public:
  // Borrows `json`. A problem when it is not one JSON text in UTF-8, has a member twice, or is past the limits.
  static std::expected<Document, Problem> parse(std::string_view json, std::size_t max_depth, std::size_t max_values);

  const Value& root() const { return root_; }

 private:
  friend class Reader;
  std::unique_ptr<std::pmr::monotonic_buffer_resource> memory_;
  Value root_;
};

}  // namespace gw::jsonschema
