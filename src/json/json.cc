#include "json/json.h"

#include <algorithm>
#include <unordered_set>

#include <simdjson.h>
#include <boost/json.hpp>

namespace gw::json {
namespace {

constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";

struct Place {
  std::size_t line;
  std::size_t column;
};

Place place_of(std::string_view text, std::size_t offset) {
  const auto before = text.substr(0, offset);
  const auto line = static_cast<std::size_t>(std::count(before.begin(), before.end(), '\n'));
  const auto start = before.rfind('\n');
  return {line + 1, offset - (start == std::string_view::npos ? 0 : start + 1) + 1};
}

std::string_view reason_of(const boost::system::error_code& error) {
  using boost::json::error;
  if (error == error::incomplete) return "the text ends too early";
  if (error == error::extra_data) return "there is more text after the end of the value";
  if (error == error::too_deep) return "it is nested too deeply";
  if (error == error::exponent_overflow) return "the number is too large";
  return "this is not valid JSON";
}

std::unexpected<Error> syntax_error(std::string_view text, std::size_t offset, const boost::system::error_code& error) {
  const Place place = place_of(text, offset);
  return fail(Errc::invalid, "line {}, column {}: {} ({})", place.line, place.column, reason_of(error),
              error.message());
}

// Boost.JSON keeps one member of each name; simdjson shows all.
bool has_unique_names(const simdjson::dom::element& value) {
  if (value.is_array()) return std::ranges::all_of(simdjson::dom::array(value), has_unique_names);
  if (!value.is_object()) return true;
  std::unordered_set<std::string_view> names;
  for (const auto [name, member] : simdjson::dom::object(value)) {
    if (!names.insert(name).second || !has_unique_names(member)) return false;
  }
  return true;
}

Result<> check_unique_names(std::string_view text) {
  simdjson::dom::parser parser;
  simdjson::dom::element value;
  if (parser.parse(text.data(), text.size()).get(value) != simdjson::SUCCESS) {
    return fail(Errc::invalid, "this is not valid JSON");
  }
  if (!has_unique_names(value)) return fail(Errc::invalid, "an object has two members of the same name");
  return {};
}

bool is_scalar(const boost::json::value& value) {
  return !value.is_object() && !value.is_array();
}

void indent(std::string& out, std::size_t depth) {
  out.append(2 * depth, ' ');
}

void write_pretty(std::string& out, const boost::json::value& value, std::size_t depth);

void write_pretty_list(std::string& out, const boost::json::array& list, std::size_t depth) {
  const auto text = boost::json::serialize(list);
  if (text.size() <= 80 && std::ranges::all_of(list, is_scalar)) {
    out += text;
    return;
  }
  out += "[\n";
  for (std::size_t i = 0; i < list.size(); ++i) {
    indent(out, depth + 1);
    write_pretty(out, list[i], depth + 1);
    out += i + 1 < list.size() ? ",\n" : "\n";
  }
  indent(out, depth);
  out += ']';
}

void write_pretty_object(std::string& out, const boost::json::object& object, std::size_t depth) {
  if (object.empty()) {
    out += "{}";
    return;
  }
  out += "{\n";
  std::size_t left = object.size();
  for (const auto& [name, member] : object) {
    indent(out, depth + 1);
    out += boost::json::serialize(boost::json::string(name)) + ": ";
    write_pretty(out, member, depth + 1);
    out += --left > 0 ? ",\n" : "\n";
  }
  indent(out, depth);
  out += '}';
}

void write_pretty(std::string& out, const boost::json::value& value, std::size_t depth) {
  if (value.is_array()) {
    write_pretty_list(out, value.get_array(), depth);
  } else if (value.is_object()) {
    write_pretty_object(out, value.get_object(), depth);
  } else {
    out += boost::json::serialize(value);
  }
}

}  // namespace

Result<boost::json::value> parse(std::string_view text, const ParseOptions& options) {
  if (text.size() > options.max_bytes) {
    return fail(Errc::too_large, "the JSON text has {} bytes, more than the {} that are allowed", text.size(),
                options.max_bytes);
  }
  if (text.starts_with(byte_order_mark)) text.remove_prefix(byte_order_mark.size());
  boost::json::parse_options syntax;
  syntax.max_depth = options.max_depth;
  syntax.allow_comments = options.lenient;
  syntax.allow_trailing_commas = options.lenient;
  boost::json::stream_parser parser({}, syntax);
  boost::system::error_code error;
  const std::size_t parsed = parser.write_some(text.data(), text.size(), error);
  if (!error && parsed < text.size()) error = boost::json::error::extra_data;
  if (error) return syntax_error(text, parsed, error);
  parser.finish(error);
  if (error) return syntax_error(text, text.size(), error);
  if (options.unique_names) GW_TRY_OK(check_unique_names(text));
  return parser.release();
}

std::string to_text(const boost::json::value& value) {
  return boost::json::serialize(value);
}

std::string to_pretty_text(const boost::json::value& value) {
  std::string out;
  write_pretty(out, value, 0);
  out += '\n';
  return out;
}

}  // namespace gw::json
