#include "openapi/document.h"

#include <algorithm>

#include "base/strings.h"
#include "config/yaml.h"
#include "json/json.h"

namespace gw::openapi {
namespace {

using boost::json::value;
using schema::Node;

constexpr std::size_t max_bytes = 16 << 20;
constexpr std::size_t max_depth = 128;
constexpr std::size_t max_nodes = 1'000'000;
constexpr int max_references = 32;  // One after the other.

value number_of(const std::string& text) {
  boost::system::error_code error;
  value number = boost::json::parse(text, error);
  return error ? value(text) : number;
}

value value_of(const Node& node) {
  switch (node.kind) {
    case Node::Kind::null: return nullptr;
    case Node::Kind::boolean: return ascii_lower(node.text.front()) == 't';
    case Node::Kind::number: return number_of(node.text);
    case Node::Kind::string: return boost::json::string(node.text);
    case Node::Kind::list: {
      boost::json::array list;
      for (const auto& item : node.items) list.push_back(value_of(*item));
      return list;
    }
    case Node::Kind::object: break;
  }
  boost::json::object object;
  for (const auto& [name, mark, content] : node.members) object[name] = value_of(*content);
  return object;
}

Result<value> parse_text(std::string_view text) {
  const auto first = text.find_first_not_of(" \t\r\n\xEF\xBB\xBF");
  if (first != std::string_view::npos && text[first] == '{') {
    return json::parse(text, {.max_bytes = max_bytes, .max_depth = max_depth});
  }
  const auto parsed = config::parse_yaml(text, {.bytes = max_bytes, .depth = max_depth, .nodes = max_nodes});
  if (parsed) return value_of(**parsed);
  const schema::Problem& problem = parsed.error().front();
  return fail(Errc::invalid, "line {}, column {}: {}", problem.mark.line, problem.mark.column, problem.message);
}

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  const char lower = ascii_lower(c);
  return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

// One token of a pointer in a fragment.
std::string unescape(std::string_view token) {
  std::string decoded;
  for (std::size_t i = 0; i < token.size(); ++i) {
    const bool escaped =
        token[i] == '%' && i + 2 < token.size() && hex_digit(token[i + 1]) >= 0 && hex_digit(token[i + 2]) >= 0;
    decoded += escaped ? static_cast<char>(hex_digit(token[i + 1]) * 16 + hex_digit(token[i + 2])) : token[i];
    if (escaped) i += 2;
  }
  std::string out;
  for (std::size_t i = 0; i < decoded.size(); ++i) {
    const bool tilde = decoded[i] == '~' && i + 1 < decoded.size();
    out += tilde ? (decoded[++i] == '1' ? '/' : '~') : decoded[i];
  }
  return out;
}

}  // namespace

const value* member(const value& parent, std::string_view name) {
  const auto* const object = parent.if_object();
  return object ? object->if_contains(name) : nullptr;
}

std::string text_of(const value& parent, std::string_view name) {
  const value* const found = member(parent, name);
  return found && found->is_string() ? std::string(found->get_string()) : std::string();
}

Result<Document> Document::parse(std::string_view text) {
  Document document;
  GW_TRY(document.root_, parse_text(text));
  const std::string version = text_of(document.root_, "openapi");
  if (member(document.root_, "swagger")) {
    return fail(Errc::invalid, "this is Swagger 2.0; convert it to OpenAPI 3.0 first");
  }
  if (!version.starts_with("3.")) {
    return fail(Errc::invalid, "this is no OpenAPI 3 document: its member 'openapi' is {}",
                version.empty() ? "missing" : "'" + printable(version, 40) + "'");
  }
  return document;
}

const value* Document::find(std::string_view reference) const {
  if (reference == "#") return &root_;
  if (!reference.starts_with("#/")) return nullptr;
  const value* at = &root_;
  for (std::string_view rest = reference.substr(1); !rest.empty() && at;) {
    const std::size_t end = std::min(rest.find('/', 1), rest.size());
    const std::string token = unescape(rest.substr(1, end - 1));
    rest.remove_prefix(end);
    if (const auto* const list = at->if_array()) {
      const auto index = parse_unsigned(token);
      at = index && *index < list->size() ? &(*list)[*index] : nullptr;
    } else {
      at = member(*at, token);
    }
  }
  return at;
}

const value* Document::resolve(const value& start) const {
  const value* at = &start;
  for (int i = 0; at && i < max_references; ++i) {
    const value* const reference = member(*at, "$ref");
    if (!reference || !reference->is_string()) return at;
    at = find(std::string_view(reference->get_string()));
  }
  return nullptr;
}

}  // namespace gw::openapi
