// Patterns as people write them for names and paths: `*` stands for any text, also none and also with slashes, `?` for
// one character. Everything else stands for itself, with regard to case; there is no escape.
#pragma once

#include <string_view>

namespace gw {

// Whether the whole text fits. Characters are those of UTF-8. Allocates nothing; takes at most |pattern| * |text|
// steps.
bool glob_match(std::string_view pattern, std::string_view text);

// Whether the pattern fits one text only: itself.
bool is_literal_glob(std::string_view pattern);

}  // namespace gw
