#include "jsonschema/wording.h"

#include <algorithm>

#include <fmt/core.h>

#include "base/strings.h"

namespace gw::jsonschema {
namespace {

constexpr std::size_t max_shown = 80;  // Bytes of a value.

}  // namespace

std::string to_text(const Problem& problem) {
  return problem.path.empty() ? problem.message : fmt::format("{}: {}", printable(problem.path), problem.message);
}

std::string shown(const Value& value) {
  switch (value.type) {
    case Type::null:
    case Type::boolean: return std::string(value.raw);
    case Type::number: return printable(value.raw, max_shown);
    case Type::string: return in_quotes(value.text);
    case Type::array: return "a list of " + counted(value.items.size(), "item");
    case Type::object: return "an object";
  }
  return {};
}

std::string in_quotes(std::string_view text) {
  return fmt::format("\"{}\"", printable(text, max_shown));
}

std::string alternatives(const std::vector<std::string>& texts, std::size_t max) {
  std::string out;
  const std::size_t shown = std::min(texts.size(), max);
  for (std::size_t i = 0; i < shown; ++i) {
    if (i > 0) out += i + 1 == texts.size() ? " or " : ", ";
    out += texts[i];
  }
  if (shown < texts.size()) out += fmt::format(" or one of {} more", texts.size() - shown);
  return out;
}

std::string counted(std::uint64_t count, std::string_view word) {
  return fmt::format("{} {}{}", count, word, count == 1 ? "" : "s");
}

}  // namespace gw::jsonschema
