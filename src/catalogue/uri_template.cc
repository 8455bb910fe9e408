#include "catalogue/uri_template.h"

#include <algorithm>

namespace gw::catalogue {
namespace {

// RFC 6570 section 2.3: a list of names, each with a modifier of level 4 or without.
bool is_variable_list(std::string_view text) {
  constexpr auto is_name_character = [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           std::string_view("_.-%,*:").find(c) != std::string_view::npos;
  };
  return !text.empty() && std::ranges::all_of(text, is_name_character) && !text.starts_with(',') &&
         !text.ends_with(',') && text.find(",,") == std::string_view::npos;
}

}  // namespace

std::optional<UriTemplate::Part> UriTemplate::parse_expression(std::string_view inside) {
  if (inside.empty()) return {};
  const char op = std::string_view("+#./;?&").find(inside[0]) == std::string_view::npos ? '\0' : inside[0];
  if (!is_variable_list(inside.substr(op == '\0' ? 0 : 1))) return {};
  switch (op) {
    case '\0': return Part{.op = op, .stops = "/"};
    case '+': return Part{.op = op, .stops = ""};
    case '#': return Part{.op = op, .stops = "", .lead = op, .optional = true};
    case '/': return Part{.op = op, .stops = "?#", .lead = op, .optional = true};
    case '.':
    case ';': return Part{.op = op, .stops = "/?#", .lead = op, .optional = true};
    default: return Part{.op = op, .stops = "#", .lead = op, .optional = true};
  }
}

std::optional<UriTemplate> UriTemplate::parse(std::string_view text) {
  UriTemplate made;
  std::size_t expressions = 0;
  while (!text.empty()) {
    const auto open = std::min(text.find_first_of("{}"), text.size());
    if (open > 0) made.parts_.push_back({.literal = std::string(text.substr(0, open))});
    text.remove_prefix(open);
    if (text.empty()) break;
    const auto close = text.find('}');
    if (close == 0 || close == std::string_view::npos || ++expressions > max_expressions) return {};
    const auto part = parse_expression(text.substr(1, close - 1));
    if (!part) return {};
    made.parts_.push_back(*part);
    text.remove_prefix(close + 1);
  }
  return made;
}

UriTemplate::Reached UriTemplate::after_literal(const std::string& literal, std::string_view uri, const Reached& from) {
  Reached to(from.size());
  for (std::size_t at = uri.find(literal); at != std::string_view::npos; at = uri.find(literal, at + 1)) {
    if (from[at]) to[at + literal.size()] = true;
  }
  return to;
}

UriTemplate::Reached UriTemplate::after_expression(const Part& part, std::string_view uri, const Reached& from) {
  Reached to = part.optional ? from : Reached(from.size());
  bool inside = false;
  for (std::size_t at = 0; at < uri.size(); ++at) {
    // Which character may be the first: the lead, or any that is allowed.
    const bool goes_on = inside && part.stops.find(uri[at]) == std::string_view::npos;
    const bool begins =
        from[at] && (part.lead == '\0' ? part.stops.find(uri[at]) == std::string_view::npos : uri[at] == part.lead);
    inside = goes_on || begins;
    if (inside) to[at + 1] = true;
  }
  return to;
}

bool UriTemplate::matches(std::string_view uri) const {
  if (!parts_.empty() && !uri.starts_with(parts_.front().literal)) return false;
  if (!parts_.empty() && !uri.ends_with(parts_.back().literal)) return false;
  Reached reached(uri.size() + 1);
  reached[0] = true;
  for (const Part& part : parts_) {
    reached = part.literal.empty() ? after_expression(part, uri, reached) : after_literal(part.literal, uri, reached);
  }
  return reached[uri.size()];
}

std::string UriTemplate::shape() const {
  std::string shape;
  for (const Part& part : parts_) {
    shape += part.literal;
    if (!part.literal.empty()) continue;
    shape += '{';
    if (part.op != '\0') shape += part.op;
    shape += '}';
  }
  return shape;
}

}  // namespace gw::catalogue
