// What a request of the REST API is answered with: a value, written to the client in one place.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/json/fwd.hpp>

#include "base/error.h"
#include "http/problem.h"
#include "http/service.h"
#include "schema/report.h"

namespace gw::control {

struct Answer {
  int status = 200;
  std::string type;  // Content-Type; empty when there is no body.
  std::string body;
  std::vector<std::pair<std::string, std::string>> fields = {};
  // Instead of a body: writes one that goes on for a while, after the head was begun.
  std::function<Task<Result<>>(http::Exchange&)> stream = {};

  Answer with(std::string name, std::string value) &&;
};

Answer json_answer(int status, const boost::json::value& value);
Answer text_answer(int status, std::string text);

// `code` is the stable end of the problem's type. See http/problem.h.
Answer problem(int status, std::string_view code, std::string_view detail,
               const std::vector<http::FieldProblem>& errors = {});
// The status is that of http/status.h, except that what this gateway does not support is the client's mistake: 400.
Answer problem(const Error& error);
// 400 with everything that is wrong; `what` names the thing: "the adapter".
Answer problem(std::string_view what, const std::vector<schema::Problem>& problems);
// 400 for a query parameter.
Answer bad_parameter(std::string_view name, std::string_view detail);

Task<Result<>> send(http::Exchange& exchange, Answer answer);

}  // namespace gw::control
