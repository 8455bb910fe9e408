#include "jsonschema/identifiers.h"

#include <algorithm>

#include <boost/url.hpp>

#include "base/strings.h"

namespace gw::jsonschema {
namespace {

bool is_letter(char c) {
  return ascii_lower(c) >= 'a' && ascii_lower(c) <= 'z';
}

// One reference token of a pointer, without its slash.
std::string unescape(std::string_view token) {
  std::string out;
  for (std::size_t i = 0; i < token.size(); ++i) {
    const bool escaped = token[i] == '~' && i + 1 < token.size() && (token[i + 1] == '0' || token[i + 1] == '1');
    out += escaped ? (token[++i] == '0' ? '~' : '/') : token[i];
  }
  return out;
}

}  // namespace

std::optional<Reference> resolve(std::string_view base, std::string_view text) {
  const auto origin = boost::urls::parse_uri({base.data(), base.size()});
  const auto reference = boost::urls::parse_uri_reference({text.data(), text.size()});
  if (!origin || !reference) return {};
  Reference resolved;
  const auto fragment = reference->fragment();
  resolved.fragment.assign(fragment.begin(), fragment.end());
  if (text.empty() || text.starts_with('#')) {
    resolved.uri = base;
    return resolved;
  }
  boost::urls::url whole;
  if (!boost::urls::resolve(*origin, *reference, whole)) return {};
  whole.remove_fragment();
  const auto uri = whole.buffer();
  resolved.uri.assign(uri.data(), uri.size());
  return resolved;
}

const Value* follow(const Value& root, std::string_view pointer) {
  const Value* at = &root;
  while (!pointer.empty()) {
    if (pointer.front() != '/') return nullptr;
    const std::size_t end = std::min(pointer.find('/', 1), pointer.size());
    const std::string token = unescape(pointer.substr(1, end - 1));
    pointer.remove_prefix(end);
    if (at->is(Type::object)) {
      at = at->member(token);
    } else if (at->is(Type::array)) {
      const auto index = parse_unsigned(token);
      at = index && *index < at->items.size() ? &at->items[*index] : nullptr;
    } else {
      return nullptr;
    }
    if (!at) return nullptr;
  }
  return at;
}

bool is_anchor(std::string_view text) {
  if (text.empty() || (!is_letter(text.front()) && text.front() != '_')) return false;
  return std::ranges::all_of(
      text, [](char c) { return is_letter(c) || (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.'; });
}

}  // namespace gw::jsonschema
