#include "control/answer.h"

#include <fmt/core.h>

#include "http/status.h"
#include "json/json.h"

namespace gw::control {

Answer Answer::with(std::string name, std::string value) && {
  fields.emplace_back(std::move(name), std::move(value));
  return std::move(*this);
}

Answer json_answer(int status, const boost::json::value& value) {
  return {.status = status, .type = "application/json", .body = json::to_text(value)};
}

Answer text_answer(int status, std::string text) {
  return {.status = status, .type = "text/plain; charset=utf-8", .body = std::move(text)};
}

Answer problem(int status, std::string_view code, std::string_view detail,
               const std::vector<http::FieldProblem>& errors) {
  return {
      .status = status, .type = "application/problem+json", .body = http::problem_json(status, code, detail, errors)};
}

Answer problem(const Error& error) {
  const int status = error.code() == Errc::unsupported ? 400 : http::status_of(error.code());
  std::vector<http::FieldProblem> errors;
  if (!error.field().empty()) errors.push_back({error.field(), error.message()});
  return problem(status, to_string(error.code()), error.message(), errors);
}

Answer problem(std::string_view what, const std::vector<schema::Problem>& problems) {
  std::vector<http::FieldProblem> errors;
  for (const schema::Problem& each : problems) errors.push_back({each.field, each.message});
  const http::FieldProblem& first = errors.front();
  std::string detail =
      fmt::format("{} is not valid: {}{}{}", what, first.field, first.field.empty() ? "" : ": ", first.message);
  if (errors.size() > 1) detail += fmt::format(" (and {} more, see 'errors')", errors.size() - 1);
  return problem(400, to_string(Errc::invalid), detail, errors);
}

Answer bad_parameter(std::string_view name, std::string_view detail) {
  const std::string sentence = fmt::format("the query parameter '{}' {}", name, detail);
  return problem(400, to_string(Errc::invalid), sentence, {{std::string(name), sentence}});
}

Task<Result<>> send(http::Exchange& exchange, Answer answer) {
  if (answer.stream) {
    exchange.start(answer.status, std::nullopt);
  } else {
    exchange.start(answer.status, answer.body.size());
  }
  if (!answer.type.empty()) exchange.field("Content-Type", answer.type);
  for (const auto& [name, value] : answer.fields) exchange.field(name, value);
  if (answer.stream) co_return co_await answer.stream(exchange);
  co_return co_await exchange.write(answer.body, http::Last::yes);
}

}  // namespace gw::control
