#include "http/problem.h"

#include <fmt/core.h>

#include "base/strings.h"
#include "http/status.h"

namespace gw::http {
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
