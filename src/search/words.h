// Words of texts and names, in the form in which they are compared.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace gw::search {

// The words of `text` in their order, as index.h describes them: folded and stemmed. A word that was split ("GitHub",
// "oauth2") is also there as a whole, so that it is found however it is written. Each Chinese, Japanese or Korean
// character counts as a word. At most `most` words.
std::vector<std::string> words_of(std::string_view text, std::size_t most);

// What is left of an English word in lower case without the usual endings: "queries" and "query", "created" and
// "creating" give the same.
std::string stem(std::string word);

}  // namespace gw::search
