#include "tools/call_request.h"

#include <algorithm>
#include <vector>

#include "base/strings.h"
#include "mcp/json_text.h"
#include "model/tool_check.h"

namespace gw::tools {
namespace {

using Place = model::ToolParameter::Place;

struct Argument {
  std::string_view key;  // Raw.
  std::string name;
  std::string_view value;  // Raw.
  bool placed = false;
};

constexpr std::size_t max_depth = 1'024;  // The text was parsed with a smaller bound before.

std::vector<Argument> split(std::string_view object) {
  std::vector<Argument> arguments;
  mcp::JsonScanner json(object, max_depth);
  std::string_view key, value;
  for (json.enter_object(); json.next_member(key);) {
    if (json.take(value)) arguments.push_back({key, mcp::json_unquote(key), value});
  }
  return arguments;
}

std::string plain(std::string_view raw) {
  return mcp::is_json_string(raw) ? mcp::json_unquote(raw) : std::string(raw);
}

// What a value is where there is no JSON: a list as its items.
std::vector<std::string> texts(std::string_view raw) {
  if (!raw.starts_with('[')) return {plain(raw)};
  std::vector<std::string> out;
  mcp::JsonScanner json(raw, max_depth);
  std::string_view item;
  for (json.enter_array(); json.next_element();) {
    if (json.take(item)) out.push_back(plain(item));
  }
  return out;
}

// RFC 3986 section 2.3: everything else is encoded.
std::string percent_encoded(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const char lower = ascii_lower(c);
    const bool unreserved = (lower >= 'a' && lower <= 'z') || (c >= '0' && c <= '9') ||
                            std::string_view("-._~").find(c) != std::string_view::npos;
    if (unreserved) {
      out += c;
    } else {
      out += fmt::format("%{:02X}", static_cast<unsigned char>(c));
    }
  }
  return out;
}

// What a field may hold stays as it is.
std::string field_value(std::string_view text) {
  std::string out;
  for (const char c : trim(text)) {
    if (c >= 0x20 && c < 0x7F) {
      out += c;
    } else {
      out += fmt::format("%{:02X}", static_cast<unsigned char>(c));
    }
  }
  return out;
}

class Builder {
 public:
  Builder(const model::ToolSpec& tool, std::string_view target, std::string_view arguments)
      : tool_(tool), all_(arguments), arguments_(split(arguments)) {
    const auto mark = std::min(target.find('?'), target.size());
    path_ = target.substr(0, mark);
    if (mark < target.size()) query_ = target.substr(mark + 1);
  }

  Result<CallRequest> build() {
    for (const model::ToolParameter& parameter : tool_.parameters) GW_TRY_OK(place(parameter));
    GW_TRY_OK(check_path());
    add_body();
    request_.target = path_;
    if (request_.target.empty()) request_.target = "/";
    if (!query_.empty()) request_.target += "?" + query_;
    return std::move(request_);
  }

 private:
  Result<> place(const model::ToolParameter& parameter) {
    const std::string& name = parameter.name.empty() ? parameter.argument : parameter.name;
    const auto found = std::ranges::find(arguments_, parameter.argument, &Argument::name);
    std::vector<std::string> values;
    if (found != arguments_.end()) {
      found->placed = true;
      if (found->value != "null") values = texts(found->value);
    }
    if (parameter.in == Place::path) return fill_path(parameter.argument, name, values);
    if (values.empty()) return {};
    if (parameter.in == Place::query) {
      for (const std::string& value : values) add_query(percent_encoded(name) + "=" + percent_encoded(value));
    } else {
      std::string joined;
      for (const std::string& value : values) joined += (joined.empty() ? "" : ",") + field_value(value);
      request_.fields += fmt::format("{}: {}\r\n", name, joined);
    }
    return {};
  }

  static std::unexpected<Error> refuse(std::string_view argument, std::string message) {
    return std::unexpected(Error(Errc::invalid, std::move(message), fmt::format("/{}", argument)));
  }

  // A step that is empty or made of dots would be another path; that the slash beside it is encoded does not help where
  // a proxy decodes it.
  Result<> fill_path(std::string_view argument, std::string_view name, const std::vector<std::string>& values) {
    std::string joined;
    for (const std::string& value : values) {
      const std::string encoded = percent_encoded(value);
      if (model::has_dot_step(encoded)) {
        return refuse(argument, fmt::format("is {}, which cannot be part of a path: a step of it is \".\" or \"..\"",
                                            json_quote(printable(value, 80))));
      }
      joined += (joined.empty() ? "" : ",") + encoded;
    }
    if (joined.empty()) {
      return refuse(argument, fmt::format("is {}, must be given and not be empty: it is part of the path",
                                          values.empty() ? "missing" : "empty"));
    }
    last_filled_ = argument;
    const std::string hole = fmt::format("{{{}}}", name);
    // Behind what was filled in: values hold no braces, since they are encoded.
    for (auto at = path_.find(hole); at != std::string::npos; at = path_.find(hole, at + joined.size())) {
      path_.replace(at, hole.size(), joined);
    }
    return {};
  }

  // Values that are harmless alone may make a step of dots together.
  Result<> check_path() {
    if (last_filled_.empty() || !model::has_dot_step(path_)) return {};
    return refuse(last_filled_,
                  "cannot be part of the path: with what stands beside it, it makes the step \".\" or \"..\"");
  }

  void add_query(std::string_view part) {
    if (!query_.empty()) query_ += '&';
    query_ += part;
  }

  void add_body() {
    if (!tool_.body_argument.empty()) {
      const auto found = std::ranges::find(arguments_, tool_.body_argument, &Argument::name);
      if (found != arguments_.end()) request_.given_body = found->value;
      return;
    }
    if (tool_.method == "GET" || tool_.method == "HEAD") {
      for (const Argument& argument : arguments_) {
        if (argument.placed || argument.value == "null") continue;
        for (const std::string& value : texts(argument.value)) {
          add_query(percent_encoded(argument.name) + "=" + percent_encoded(value));
        }
      }
      return;
    }
    if (tool_.parameters.empty()) {
      request_.given_body = all_;
      return;
    }
    for (const Argument& argument : arguments_) {
      if (argument.placed) continue;
      request_.own_body += request_.own_body.empty() ? "{" : ",";
      request_.own_body.append(argument.key).append(":").append(argument.value);
    }
    if (!request_.own_body.empty()) {
      request_.own_body += '}';
    } else if (tool_.method != "DELETE") {
      request_.own_body = "{}";
    }
  }

  const model::ToolSpec& tool_;
  std::string_view all_;
  std::vector<Argument> arguments_;
  std::string path_;
  std::string query_;
  std::string_view last_filled_;  // Argument of a parameter of the path.
  CallRequest request_;
};

}  // namespace

Result<CallRequest> make_request(const model::ToolSpec& tool, std::string_view target, std::string_view arguments) {
  return Builder(tool, target, arguments).build();
}

}  // namespace gw::tools
