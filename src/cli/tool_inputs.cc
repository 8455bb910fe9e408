#include "cli/tool_inputs.h"

#include <algorithm>
#include <ostream>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/strings.h"
#include "cli/raw_json.h"
#include "cli/tool_arguments.h"
#include "mcp/json_text.h"

namespace gw::cli {
namespace {

constexpr std::size_t max_inputs = 64;
constexpr std::size_t max_fields = 256;
constexpr unsigned max_attempts = 5;  // At one field.

struct Choice {
  std::string value;
  std::string title;
};

// The values of an enumeration, in any of the forms that the protocol has had.
std::vector<Choice> choices_of(std::string_view schema) {
  std::vector<Choice> choices;
  if (!mcp::is_json_object(schema)) return choices;
  const auto names = texts_member(schema, "enumNames");
  for (const std::string& value : texts_member(schema, "enum")) {
    choices.push_back({value, choices.size() < names.size() ? names[choices.size()] : value});
  }
  for (const char* titled : {"oneOf", "anyOf"}) {
    for (const std::string_view each : elements_of(mcp::json_member(schema, titled))) {
      if (std::string value = text_member(each, "const"); !value.empty()) {
        choices.push_back({value, text_member(each, "title")});
      }
    }
  }
  return choices;
}

// A choice by its value, its title or its number.
Result<std::string> chosen(const std::vector<Choice>& choices, std::string_view text) {
  const auto number = parse_unsigned(text);
  for (std::size_t i = 0; i < choices.size(); ++i) {
    if (text == choices[i].value || iequals(text, choices[i].title)) return json_quote(choices[i].value);
  }
  if (number && *number >= 1 && *number <= choices.size()) return json_quote(choices[*number - 1].value);
  return fail(Errc::invalid, "'{}' is none of the choices", printable(text, 80));
}

class Form {
 public:
  Form(std::string_view schema, const Console& console) : schema_(schema), console_(console) {}

  // The raw content.
  Result<std::string> ask() const {
    const auto properties = members_of(mcp::is_json_object(schema_) ? mcp::json_member(schema_, "properties") : "");
    if (properties.size() > max_fields)
      return fail(Errc::unsupported, "the server asks for more than {} fields", max_fields);
    const auto required = texts_member(schema_, "required");
    std::string content;
    for (const auto& [name, property] : properties) {
      const bool must = std::ranges::find(required, name) != required.end();
      GW_TRY(const std::string value, ask_field(name, property, must));
      if (value.empty()) continue;
      content.append(content.empty() ? "" : ",").append(json_quote(name)).append(":").append(value);
    }
    return "{" + content + "}";
  }

 private:
  // Raw; empty when it was left out.
  Result<std::string> ask_field(const std::string& name, std::string_view property, bool must) const {
    const std::string title = text_member(property, "title");
    const std::string description = text_member(property, "description");
    const auto types = types_of(property, schema_);
    const bool several = std::ranges::find(types, "array") != types.end();
    const std::string_view shape =
        several && mcp::is_json_object(property) ? mcp::json_member(property, "items") : property;
    const auto choices = choices_of(shape);
    const std::string_view preset = mcp::is_json_object(property) ? mcp::json_member(property, "default") : "";
    if (!description.empty()) console_.err << "  " << shown(description, 2) << '\n';
    for (std::size_t i = 0; i < choices.size(); ++i) {
      console_.err << fmt::format("    {}. {}\n", i + 1,
                                  printable(choices[i].title.empty() ? choices[i].value : choices[i].title));
    }
    const std::string prompt =
        fmt::format("  {}{}{}: ", printable(title.empty() ? name : title), hint(types, !choices.empty(), several, must),
                    preset.empty() ? "" : fmt::format(" [{}]", printable(preset, 80)));
    for (unsigned attempt = 0; attempt < max_attempts; ++attempt) {
      GW_TRY(const std::string line, console_.read_line(prompt));
      if (trim(line).empty()) {
        if (!preset.empty()) return std::string(preset);
        if (!must) return std::string();
        console_.err << "  This one is needed.\n";
        continue;
      }
      auto value = several ? read_several(line, choices, types_of(shape, schema_)) : read_one(line, choices, types);
      if (value) return value;
      console_.err << "  " << value.error().message() << '\n';
    }
    return fail(Errc::invalid, "the field '{}' was not filled in", printable(name, 80));
  }

  static std::string hint(const std::vector<std::string>& types, bool choices, bool several, bool must) {
    std::string text = choices   ? (several ? "numbers, separated by commas" : "number")
                       : several ? "separated by commas"
                                 : fmt::format("{}", fmt::join(types, " or "));
    if (text == "boolean") text = "true or false";
    if (text == "string") text.clear();
    if (!must) text += text.empty() ? "may be left empty" : ", may be left empty";
    return text.empty() ? "" : fmt::format(" ({})", printable(text));
  }

  static Result<std::string> read_one(std::string_view line, const std::vector<Choice>& choices,
                                      const std::vector<std::string>& types) {
    if (!is_utf8(line)) return fail(Errc::invalid, "that is not UTF-8 text");
    return choices.empty() ? typed_value(line, types) : chosen(choices, trim(line));
  }

  static Result<std::string> read_several(std::string_view line, const std::vector<Choice>& choices,
                                          const std::vector<std::string>& types) {
    std::string list;
    for (const std::string_view part : split_list(line, ',')) {
      GW_TRY(const std::string value, read_one(part, choices, types));
      list.append(list.empty() ? "" : ",").append(value);
    }
    return "[" + list + "]";
  }

  std::string_view schema_;
  const Console& console_;
};

Result<bool> agrees(const Console& console, std::string_view question) {
  GW_TRY(const std::string line, console.read_line(question));
  const std::string answer = to_lower(trim(line));
  return answer.empty() || answer == "y" || answer == "yes";
}

// The raw ElicitResult.
Result<std::string> ask_elicitation(std::string_view params, const Console& console) {
  console.err << "The server asks: " << shown(text_member(params, "message"), 2) << '\n';
  const bool by_url = text_member(params, "mode") == "url";
  if (by_url) console.err << "It wants you to open " << printable(text_member(params, "url"), 2000) << '\n';
  GW_TRY(const bool agreed, agrees(console, by_url ? "Go on when you are done there? [Y/n] " : "Answer it? [Y/n] "));
  if (!agreed) return R"({"action":"decline"})";
  if (by_url) return R"({"action":"accept"})";
  GW_TRY(const std::string content, Form(mcp::json_member(params, "requestedSchema"), console).ask());
  return fmt::format(R"({{"action":"accept","content":{}}})", content);
}

}  // namespace

std::string input_capabilities(const Console& console) {
  return console.read_line ? R"({"elicitation":{"form":{},"url":{}}})" : "{}";
}

Result<std::string> answer_inputs(std::string_view result, const Console& console) {
  const auto inputs = members_of(mcp::json_member(result, "inputRequests"));
  const std::string_view state = mcp::json_member(result, "requestState");
  if (inputs.size() > max_inputs) return fail(Errc::unsupported, "the server asks for too much at once");
  if (!inputs.empty() && !console.read_line) {
    return fail(Errc::unsupported, "the tool asks for more input, and there is no terminal to ask on: run it on one");
  }
  std::string responses;
  for (const auto& [key, request] : inputs) {
    const std::string method = text_member(request, "method");
    const std::string_view params = mcp::is_json_object(request) ? mcp::json_member(request, "params") : "";
    if (method != "elicitation/create" || !mcp::is_json_object(params)) {
      return fail(Errc::unsupported, "the tool asks for '{}', which the command line does not have",
                  printable(method, 80));
    }
    GW_TRY(const std::string answer, ask_elicitation(params, console));
    responses.append(responses.empty() ? "" : ",").append(json_quote(key)).append(":").append(answer);
  }
  std::string members;
  if (!inputs.empty()) members += fmt::format(R"(,"inputResponses":{{{}}})", responses);
  if (!state.empty()) members += fmt::format(R"(,"requestState":{})", state);
  return members;
}

}  // namespace gw::cli
