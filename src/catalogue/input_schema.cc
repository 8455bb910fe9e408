#include "catalogue/input_schema.h"

#include <algorithm>
#include <array>
#include <set>

#include <fmt/core.h>

#include "base/strings.h"
#include "catalogue/json_key.h"
#include "mcp/json_text.h"

namespace gw::catalogue {
namespace {

using namespace std::string_view_literals;

// Their value is an object of schemas.
constexpr std::array maps{"patternProperties"sv, "dependentSchemas"sv, "dependencies"sv, "$defs"sv, "definitions"sv};
// Their value is a schema or a list of schemas.
constexpr std::array applicators{"items"sv,
                                 "prefixItems"sv,
                                 "additionalItems"sv,
                                 "contains"sv,
                                 "additionalProperties"sv,
                                 "unevaluatedProperties"sv,
                                 "unevaluatedItems"sv,
                                 "propertyNames"sv,
                                 "oneOf"sv,
                                 "anyOf"sv,
                                 "allOf"sv,
                                 "not"sv,
                                 "if"sv,
                                 "then"sv,
                                 "else"sv,
                                 "contentSchema"sv};

bool is_token(std::string_view text) {
  constexpr auto is_tchar = [](char c) {
    return (c >= '0' && c <= '9') || (ascii_lower(c) >= 'a' && ascii_lower(c) <= 'z') ||
           "!#$%&'*+-.^_`|~"sv.find(c) != std::string_view::npos;
  };
  return !text.empty() && std::ranges::all_of(text, is_tchar);
}

std::string escape_pointer(std::string_view name) {
  std::string out = "/";
  for (const char c : name) {
    if (c == '~' || c == '/') {
      out += c == '~' ? "~0" : "~1";
    } else {
      out += c;
    }
  }
  return out;
}

class Walk {
 public:
  Walk(std::string_view raw, std::size_t max_depth) : json_(raw, max_depth) {}

  Result<InputSchema> run() {
    if (json_.peek() != '{') return fail(Errc::invalid, "its inputSchema is not an object");
    read_schema("", true);
    if (!twice_.empty()) return fail(Errc::invalid, "its inputSchema has '{}' twice in one place", twice_);
    if (!json_.finish()) return fail(Errc::invalid, "its inputSchema cannot be read: {}", json_.problem());
    if (root_type_ != "\"object\"") return fail(Errc::invalid, "the type of its inputSchema is not \"object\"");
    if (bad_properties_) return fail(Errc::invalid, "the properties of its inputSchema are not an object");
    if (!found_.mirror_problem.empty()) found_.mirrored.clear();
    return std::move(found_);
  }

 private:
  // What one schema says about mirroring; only known at its end.
  struct Seen {
    std::string_view type;
    std::string_view header;
    bool properties = false;
  };

  // A schema at `pointer`, which is reachable when only `properties` lead to it.
  void read_schema(const std::string& pointer, bool reachable) {
    std::string_view key, value;
    if (json_.peek() != '{') return void(json_.take(value));
    Seen seen;
    for (json_.enter_object(); json_.next_member(key);) read_keyword(key, pointer, reachable, seen);
    if (json_.failed()) return;
    if (pointer.empty() && reachable) root_type_ = mcp::is_json_string(seen.type) ? quoted(seen.type) : "";
    if (!seen.header.empty()) note_header(pointer, reachable, seen);
  }

  void read_keyword(std::string_view key, const std::string& pointer, bool reachable, Seen& seen) {
    const auto in = [&](const auto& keywords) {
      return std::ranges::any_of(keywords, [&](std::string_view keyword) { return is_key(key, keyword); });
    };
    std::string_view value;
    if (is_key(key, "type")) {
      take_once(key, seen.type, reachable);
    } else if (is_key(key, "x-mcp-header")) {
      take_once(key, seen.header, reachable);
    } else if (is_key(key, "properties")) {
      if (std::exchange(seen.properties, true) && reachable) note_twice(key);
      if (json_.peek() == '{') {
        read_map(pointer, reachable);
      } else {
        if (pointer.empty() && reachable) bad_properties_ = true;
        json_.take(value);
      }
    } else if (json_.peek() == '{' && in(maps)) {
      read_map(pointer, false);
    } else if (in(applicators)) {
      read_applicator(pointer);
    } else {
      json_.take(value);
    }
  }

  void read_map(const std::string& pointer, bool reachable) {
    std::set<std::string> names;
    std::string_view key;
    for (json_.enter_object(); json_.next_member(key);) {
      const std::string name = mcp::json_unquote(key);
      if (reachable && !names.insert(name).second) note_twice(key);
      if (reachable && pointer.empty()) found_.parameters.push_back(name);
      read_schema(pointer + escape_pointer(name), reachable);
    }
  }

  void read_applicator(const std::string& pointer) {
    if (json_.peek() != '[') return read_schema(pointer, false);
    for (json_.enter_array(); json_.next_element();) read_schema(pointer, false);
  }

  void take_once(std::string_view key, std::string_view& value, bool reachable) {
    if (!value.empty() && reachable) note_twice(key);
    json_.take(value);
  }

  void note_header(const std::string& pointer, bool reachable, const Seen& seen) {
    found_.is_plain = false;
    const std::string name = mcp::is_json_string(seen.header) ? mcp::json_unquote(seen.header) : "";
    const std::string type = mcp::is_json_string(seen.type) ? mcp::json_unquote(seen.type) : "";
    if (!reachable || pointer.empty()) {
      note_problem("is not on an argument that 'properties' alone lead to", pointer);
    } else if (!is_token(name)) {
      note_problem("is not a name of a header field", pointer);
    } else if (type != "string" && type != "integer" && type != "boolean") {
      note_problem("is on an argument that is no string, integer or boolean", pointer);
    } else if (!headers_.insert(to_lower(name)).second) {
      note_problem("is the same as that of another argument", pointer);
    } else {
      found_.mirrored.emplace_back(pointer, name);
    }
  }

  void note_problem(std::string_view what, const std::string& pointer) {
    if (!found_.mirror_problem.empty()) return;
    found_.mirror_problem = fmt::format("the x-mcp-header at '{}' of its inputSchema {}", printable(pointer, 80), what);
  }
  void note_twice(std::string_view key) {
    if (twice_.empty()) twice_ = printable(mcp::json_unquote(key), 80);
  }
  static std::string quoted(std::string_view literal) { return json_quote(mcp::json_unquote(literal)); }

  mcp::JsonScanner json_;
  InputSchema found_;
  std::set<std::string> headers_;  // In lower case.
  std::string root_type_;
  std::string twice_;
  bool bad_properties_ = false;
};

}  // namespace

Result<InputSchema> read_input_schema(std::string_view raw, std::size_t max_depth) {
  return Walk(raw, max_depth).run();
}

}  // namespace gw::catalogue
