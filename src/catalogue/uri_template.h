// URI templates (RFC 6570) the other way round: which addresses may come of one.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gw::catalogue {

// Exact for levels 1 and 2 ({a}, {+a}, {#a}); for levels 3 and 4 ({?a,b}, {/a*}) it also fits addresses that have more
// or other variables. A variable of level 1 fits at least one character, none of them "/".
class UriTemplate {
 public:
  static constexpr std::size_t max_expressions = 32;

  // Nothing when it is malformed or has too many expressions.
  static std::optional<UriTemplate> parse(std::string_view text);

  // Linear in the address for each expression.
  bool matches(std::string_view uri) const;
  // The template without the names of its variables: equal when two templates fit the same addresses.
  std::string shape() const;

 private:
  // A text, or what an expression may become: `lead`, if there is one, and characters up to one of `stops`.
  struct Part {
    std::string literal;  // Not empty: nothing else counts.
    char op = '\0';
    std::string_view stops;
    char lead = '\0';
    bool optional = false;
  };
  // Positions of an address that can be reached: one flag for each, and one for its end.
  using Reached = std::vector<bool>;

  static std::optional<Part> parse_expression(std::string_view inside);
  static Reached after_literal(const std::string& literal, std::string_view uri, const Reached& from);
  static Reached after_expression(const Part& part, std::string_view uri, const Reached& from);

  std::vector<Part> parts_;
};

}  // namespace gw::catalogue
