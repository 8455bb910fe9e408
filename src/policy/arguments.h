// Single values in the arguments of a tool call, read in place: a large body is neither copied nor parsed into a
// document, and numbers keep every digit.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "policy/rules.h"

namespace gw::policy {

// RFC 6901, decoded: "/a/b~1c" is {"a", "b/c"}. Errc::invalid for anything else, and for "", the document as a whole.
Result<std::vector<std::string>> parse_pointer(std::string_view text);

enum class Lookup {
  absent,
  found,
  // Two readers may understand it in two ways: the text is no JSON or nested more than 128 deep, or a member on the way
  // occurs twice or in other letters ("Path" for "path"), which some servers take for the same.
  unreadable,
};

struct Found {
  Lookup lookup = Lookup::absent;
  std::string_view raw;  // Its JSON text; borrows from the arguments.
};

// An empty text is an empty object.
Found find(std::string_view arguments, const std::vector<std::string>& pointer);

// Strings decoded, numbers in their shortest form, true and false; nothing for everything else. `raw` is valid JSON.
std::optional<std::string> text_of(std::string_view raw);

// Whether `text` is the JSON text of a string, number, boolean or null, without blanks around it.
bool is_scalar(std::string_view text);

// Both are JSON texts of values, one of them of a scalar. Integers are compared digit by digit, other numbers as
// doubles, which is how servers read them.
bool same_value(std::string_view a, std::string_view b);

// A condition that check() accepted.
class ArgumentTest {
 public:
  explicit ArgumentTest(const ArgumentCondition& condition);

  const std::string& pointer() const { return condition_.pointer; }
  // `unreadable` also for a number that is looked at and past what a double holds: 1e999.
  enum class Outcome { fails, holds, unreadable };
  Outcome test(std::string_view arguments) const;

 private:
  bool holds(const Found& found) const;

  ArgumentCondition condition_;
  std::vector<std::string> tokens_;
};

}  // namespace gw::policy
