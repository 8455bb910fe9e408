// JSON Schema 2020-12: a schema is compiled once and then says of any JSON text everything that is wrong with it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace gw::jsonschema {

// One thing that is wrong.
struct Problem {
  std::string path;  // JSON pointer into the instance, or into the schema that could not be compiled; "" is the whole.
  std::string message;  // What the value is and what it must be: "is \"abc\", must be a number". Safe to show.

  bool operator==(const Problem&) const = default;
};

// "/items/2/price: is \"abc\", must be a number"; of the whole, the message alone.
std::string to_text(const Problem& problem);

struct Limits {
  std::size_t max_bytes = 1 << 20;      // Of the schema.
  std::size_t max_depth = 128;          // Nesting of schema and instance.
  std::size_t max_values = 1'000'000;   // Of an instance: numbers, strings, members and so on.
  std::uint64_t max_steps = 1'000'000;  // Of one check: about one for each keyword at each value that it looks at, and
                                        // more where it looks at many bytes.
  std::size_t max_problems = 100;       // That compile() reports.
};

struct Compiled;

// Immutable; copies share what was compiled; any thread may use it.
class Schema {
 public:
  // All that is wrong with the schema: what the 2020-12 meta-schema forbids, references that lead nowhere or to other
  // documents (nothing is ever fetched), regular expressions that RE2 cannot do or that are too large together, another
  // dialect in $schema. `format` and content* are annotations; unknown keywords are none of ours.
  static std::expected<Schema, std::vector<Problem>> compile(std::string_view json, const Limits& limits = {});

  // What is wrong with `instance`, at most `most` problems; nothing when it is valid. Numbers are compared exactly,
  // whatever their size. A text that is no JSON, has a member twice, or takes more than the limits is one problem.
  std::vector<Problem> check(std::string_view instance, std::size_t most = 20) const;

 private:
  explicit Schema(std::shared_ptr<const Compiled> compiled) : compiled_(std::move(compiled)) {}

  std::shared_ptr<const Compiled> compiled_;
};

}  // namespace gw::jsonschema
