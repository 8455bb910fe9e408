#include "tools/call_result.h"

#include <algorithm>

#include <fmt/core.h>

#include "base/base64.h"
#include "base/strings.h"
#include "http/status.h"
#include "mcp/json_text.h"

namespace gw::tools {
namespace {

constexpr std::size_t max_reason = 2'000;  // Bytes of an error's body that are shown.
constexpr std::size_t max_depth = 128;     // Of JSON in answers.

std::string media_type(std::string_view content_type) {
  return to_lower(trim(content_type.substr(0, content_type.find(';'))));
}

bool is_json(std::string_view type) {
  return type == "application/json" || type.ends_with("+json");
}

bool is_text(std::string_view type) {
  constexpr std::string_view texts[] = {
      "application/xml",        "application/yaml",     "application/x-yaml", "application/toml",
      "application/javascript", "application/x-ndjson", "application/sql",    "application/x-www-form-urlencoded"};
  return type.starts_with("text/") || (type.ends_with("+xml") && !type.starts_with("image/")) ||
         type.ends_with("+yaml") || std::ranges::find(texts, type) != std::end(texts);
}

// ISO 8859-1 is the first 256 characters of Unicode.
std::string from_latin1(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x80) {
      out += c;
    } else {
      out += static_cast<char>(0xC0 | byte >> 6);
      out += static_cast<char>(0x80 | (byte & 63));
    }
  }
  return out;
}

bool is_latin1(std::string_view content_type) {
  const std::string parameters = to_lower(content_type);
  return parameters.find("charset=iso-8859-1") != std::string::npos ||
         parameters.find("charset=\"iso-8859-1") != std::string::npos;
}

std::string text_block(std::string_view text) {
  return fmt::format(R"({{"type":"text","text":{}}})", json_quote(text));
}

std::string result_with(std::string_view block) {
  return fmt::format(R"({{"content":[{}]}})", block);
}

std::string media_block(std::string_view kind, std::string_view type, std::string_view bytes) {
  return fmt::format(R"({{"type":"{}","data":"{}","mimeType":{}}})", kind, base64_encode(bytes), json_quote(type));
}

std::string resource_block(std::string_view tool, std::string_view type, std::string_view bytes) {
  return fmt::format(R"({{"type":"resource","resource":{{"uri":{},"mimeType":{},"blob":"{}"}}}})",
                     json_quote(fmt::format("tool:{}/result", tool)),
                     json_quote(type.empty() ? "application/octet-stream" : type), base64_encode(bytes));
}

// The text of one JSON value without blanks around it; nothing when it is none.
std::string_view json_text(std::string_view body) {
  if (!is_utf8(body)) return {};
  mcp::JsonScanner json(body, max_depth);
  std::string_view value;
  return json.take(value) && json.finish() ? value : std::string_view();
}

std::string string_member(std::string_view object, std::string_view name) {
  const std::string_view raw = mcp::json_member(object, name);
  return mcp::is_json_string(raw) ? mcp::json_unquote(raw) : std::string();
}

// What an error body says in words: RFC 9457, and the members that other services use.
std::string sentence_of(std::string_view json) {
  const std::string title = string_member(json, "title");
  const std::string detail = string_member(json, "detail");
  if (!title.empty() && !detail.empty()) return title + ": " + detail;
  for (const std::string& said : {detail, title, string_member(json, "message"), string_member(json, "error")}) {
    if (!said.empty()) return said;
  }
  const std::string_view error = mcp::json_member(json, "error");
  return mcp::is_json_object(error) ? string_member(error, "message") : std::string();
}

// Members beside the sentence ("errors") may be what helps, so the body follows as far as there is room.
std::string reason(const HttpAnswer& answer) {
  const std::string type = media_type(answer.content_type);
  const bool json = is_json(type) || type.empty();
  const std::string_view value = json ? json_text(answer.body) : std::string_view();
  if (!value.empty()) {
    const std::string sentence = mcp::is_json_object(value) ? sentence_of(value) : std::string();
    return fmt::format("{}{}{}", sentence, sentence.empty() ? "" : "\n", value.size() <= max_reason ? value : "");
  }
  const bool readable = is_text(type) || (type.empty() && is_utf8(answer.body));
  return readable ? answer.body : std::string();
}

// Cut between two characters.
std::string cut(std::string text) {
  if (text.size() <= max_reason) return text;
  std::size_t end = max_reason;
  while (end > 0 && (text[end] & 0xC0) == 0x80) --end;
  text.resize(end);
  return text + "…";
}

std::string http_error(const HttpAnswer& answer) {
  std::string text = fmt::format("the server answered {} {}", answer.status, http::reason_of(answer.status));
  if (answer.status >= 300 && answer.status < 400) text += "; redirects are not followed";
  const std::string said = cut(reason(answer));
  if (!said.empty()) text += ": " + said;
  return error_result(text);
}

std::string structured(std::string_view value, const jsonschema::Schema& output) {
  if (const auto problems = output.check(value); !problems.empty()) {
    return error_result(problems_text("The server's answer does not satisfy the outputSchema of the tool", problems));
  }
  return fmt::format(R"({{"content":[{}],"structuredContent":{}}})", text_block(value), value);
}

}  // namespace

std::string error_result(std::string_view sentence) {
  return fmt::format(R"({{"content":[{}],"isError":true}})", text_block(sentence));
}

std::string problems_text(std::string_view what, const std::vector<jsonschema::Problem>& problems) {
  std::string text = fmt::format("{}:", what);
  for (const auto& problem : problems) text += "\n" + jsonschema::to_text(problem);
  return text;
}

std::string call_result(std::string_view tool, const HttpAnswer& answer, const jsonschema::Schema* output) {
  if (!answer.content_encoding.empty() && !iequals(answer.content_encoding, "identity")) {
    return error_result(fmt::format("the server's answer is compressed ({}), which it was asked not to do",
                                    printable(answer.content_encoding, 40)));
  }
  if (answer.status < 200 || answer.status >= 300) return http_error(answer);
  const std::string type = media_type(answer.content_type);
  if (is_json(type) && !answer.body.empty()) {
    const std::string_view value = json_text(answer.body);
    if (value.empty()) {
      return error_result(
          fmt::format("the server's answer says that it is {} and is not JSON: {}", type, printable(answer.body)));
    }
    return output ? structured(value, *output) : result_with(text_block(value));
  }
  if (output) {
    return error_result(fmt::format("the server answered {} where the outputSchema of the tool promises JSON",
                                    answer.body.empty() ? "nothing"
                                    : type.empty()      ? "without a Content-Type"
                                                        : printable(type, 80)));
  }
  if (answer.body.empty()) return result_with(text_block(""));
  if (type.starts_with("image/")) return result_with(media_block("image", type, answer.body));
  if (type.starts_with("audio/")) return result_with(media_block("audio", type, answer.body));
  if (is_text(type) || (type.empty() && is_utf8(answer.body))) {
    return result_with(text_block(is_latin1(answer.content_type) ? from_latin1(answer.body) : answer.body));
  }
  return result_with(resource_block(tool, type, answer.body));
}

}  // namespace gw::tools
