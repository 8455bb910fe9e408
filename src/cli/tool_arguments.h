// Arguments of a tool as people type them: key=value.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace gw::cli {

// The JSON types that a schema allows, such as "integer": those of `type`, or of its alternatives (anyOf, oneOf) and of
// local references. Empty when it does not say. `root` is the schema that references lead into.
std::vector<std::string> types_of(std::string_view schema, std::string_view root);

// `text` as a JSON value of one of `types`: a string where that is one of them, or where there are none; else a number,
// true, false or null as it is typed, digit by digit, and lists and objects as JSON. Errc::invalid says what was
// expected.
Result<std::string> typed_value(std::string_view text, const std::vector<std::string>& types);

struct TypedArguments {
  std::string json;                   // A raw object.
  std::vector<std::string> warnings;  // Names that the schema does not have.
};

// `words` are key=value, typed by the properties of `schema`, or key:=json. They are added to `base`, a raw object or
// empty, and replace what is there.
Result<TypedArguments> read_arguments(const std::vector<std::string>& words, std::string_view base,
                                      std::string_view schema);

}  // namespace gw::cli
