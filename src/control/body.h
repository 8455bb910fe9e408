// Small request bodies, read with tables of fields.
#pragma once

#include <expected>
#include <string_view>

#include <boost/json.hpp>

#include "control/answer.h"
#include "json/json.h"
#include "schema/table.h"

namespace gw::control {

// What the body says, or the answer that says everything that is wrong with it. `what` names it: "the API key".
template <class S>
std::expected<S, Answer> read_body(std::string_view body, const schema::Object<S>& object, std::string_view what) {
  const auto value = json::parse(body, {.max_depth = 32});
  if (!value) return std::unexpected(problem(what, {{"", value.error().message(), {}}}));
  S read;
  schema::Report report;
  object.table().read(*schema::node_of(*value), &read, report);
  if (!report.ok()) return std::unexpected(problem(what, report.problems()));
  return read;
}

}  // namespace gw::control
