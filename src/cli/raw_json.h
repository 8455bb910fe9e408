// JSON texts taken apart where they stand, so that numbers keep every digit. All texts are accepted JSON, as mcp::scan
// leaves it.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace gw::cli {

// Empty for anything but an array or an object.
std::vector<std::string_view> elements_of(std::string_view array);
std::vector<std::pair<std::string, std::string_view>> members_of(std::string_view object);  // Names decoded.

// A member that is a string, decoded; empty where there is none.
std::string text_member(std::string_view object, std::string_view key);
// The strings of a member that is a list.
std::vector<std::string> texts_member(std::string_view object, std::string_view key);

// The same value, indented by two spaces, each line after the first `indent` deeper; empty lists and objects stay
// together.
std::string indented(std::string_view raw, std::size_t indent = 0);

// `text` for people: line ends stay, what a terminal obeys does not, and every line after the first is indented.
std::string shown(std::string_view text, std::size_t indent = 0);

}  // namespace gw::cli
