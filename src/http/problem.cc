#include "http/problem.h"

#include <fmt/core.h>

#include "http/status.h"

namespace gw::http {
namespace {

// Length of a well-formed UTF-8 sequence at the start of `text`, or 0.
std::size_t utf8_sequence(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char lead = byte(0);
  if (lead < 0x80) return 1;
  const std::size_t length = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
  if (lead < 0xC2 || lead > 0xF4 || length > text.size()) return 0;
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xC0) != 0x80) return 0;
  }
  const bool overlong = (lead == 0xE0 && byte(1) < 0xA0) || (lead == 0xF0 && byte(1) < 0x90);
  const bool outside = (lead == 0xED && byte(1) > 0x9F) || (lead == 0xF4 && byte(1) > 0x8F);
  return overlong || outside ? 0 : length;
}

}  // namespace

std::string json_quote(std::string_view text) {
  std::string quoted = "\"";
  while (!text.empty()) {
    const char c = text.front();
    const std::size_t length = utf8_sequence(text);
    if (c == '"' || c == '\\') {
      quoted += '\\';
      quoted += c;
    } else if (static_cast<unsigned char>(c) < 0x20) {
      quoted += fmt::format("\\u{:04x}", static_cast<unsigned>(c));
    } else if (length == 0) {
      quoted += "\uFFFD";
    } else {
      quoted += text.substr(0, length);
    }
    text.remove_prefix(std::max<std::size_t>(length, 1));
  }
  return quoted + '"';
}

std::string problem_json(int status, std::string_view code, std::string_view detail,
                         const std::vector<FieldProblem>& errors) {
  std::string json =
      fmt::format(R"({{"type":"urn:mcp-gateway:problem:{}","title":{},"status":{},"detail":{},"code":"{}")", code,
                  json_quote(reason_of(status)), status, json_quote(detail), code);
  if (!errors.empty()) {
    json += R"(,"errors":[)";
    for (const FieldProblem& error : errors) {
      if (json.back() != '[') json += ',';
      json += fmt::format(R"({{"field":{},"message":{}}})", json_quote(error.field), json_quote(error.message));
    }
    json += ']';
  }
  return json + '}';
}

Task<Result<>> respond_problem(Exchange& exchange, Error error, std::vector<FieldProblem> errors) {
  const int status = status_of(error.code());
  if (errors.empty() && !error.field().empty()) errors.push_back({error.field(), error.message()});
  const std::string body = problem_json(status, to_string(error.code()), error.message(), errors);
  co_return co_await exchange.respond(status, "application/problem+json", body);
}

}  // namespace gw::http
