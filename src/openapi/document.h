// An OpenAPI document, and what its references lead to.
#pragma once

#include <string>
#include <string_view>

#include <boost/json.hpp>

#include "base/error.h"

namespace gw::openapi {

// The member, or null when there is none or `value` is no object.
const boost::json::value* member(const boost::json::value& value, std::string_view name);
// The text of a member that is a string; empty when there is none.
std::string text_of(const boost::json::value& value, std::string_view name);

class Document {
 public:
  // Errc::invalid with line and column.
  static Result<Document> parse(std::string_view text);

  const boost::json::value& root() const { return root_; }
  // What "#/components/…" leads to; null when that is nothing, or is in another document.
  const boost::json::value* find(std::string_view reference) const;
  // `value`, or what its $ref leads to in the end. Null when that is nothing.
  const boost::json::value* resolve(const boost::json::value& value) const;

 private:
  boost::json::value root_;
};

}  // namespace gw::openapi
