// Errors as application/problem+json, RFC 9457.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "http/service.h"

namespace gw::http {

struct FieldProblem {
  std::string field;  // "limits.idleTimeout"
  std::string message;
};

// `type` is stable: "urn:mcp-gateway:problem:<code>". `errors` lists every offending member.
std::string problem_json(int status, std::string_view code, std::string_view detail,
                         const std::vector<FieldProblem>& errors = {});

Task<Result<>> respond_problem(Exchange& exchange, Error error, std::vector<FieldProblem> errors = {});

}  // namespace gw::http
