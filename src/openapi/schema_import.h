// Schemas of OpenAPI 3.0 and 3.1 as JSON Schema 2020-12.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "openapi/document.h"

namespace gw::openapi {

// For one schema of one tool. References are replaced by what they lead to; what refers to itself, and what would make
// the schema too large, goes into $defs.
class SchemaImport {
 public:
  enum class Direction { request, response };  // Leaves out what is readOnly, or writeOnly.

  SchemaImport(const Document& document, Direction direction, std::string where, std::vector<std::string>& warnings)
      : document_(document), direction_(direction), where_(std::move(where)), warnings_(warnings) {}

  boost::json::value convert(const boost::json::value& schema);
  // The definitions that what was converted refers to; empty when there are none.
  boost::json::object definitions();

 private:
  boost::json::value convert_reference(const boost::json::value& schema, const std::string& reference);
  boost::json::value convert_object(const boost::json::object& schema);
  void convert_keyword(const boost::json::object& schema, std::string_view keyword, const boost::json::value& value,
                       boost::json::object& out);
  boost::json::value convert_map(const boost::json::value& map);
  void convert_properties(const boost::json::value& map, boost::json::object& out);
  void make_nullable(boost::json::object& out);
  bool is_left_out(const boost::json::value& property) const;
  bool reaches(const boost::json::value& from, const boost::json::value& target,
               std::vector<const void*>& visited) const;
  bool is_recursive(const boost::json::value& target);
  std::string definition_name(const std::string& reference, const boost::json::value& target);
  void warn(std::string message);

  const Document& document_;
  Direction direction_;
  std::string where_;
  std::vector<std::string>& warnings_;
  std::size_t size_ = 0;   // Schemas that were converted.
  std::size_t depth_ = 0;  // Of those within each other.
  std::map<const boost::json::value*, bool> recursive_;
  std::map<const boost::json::value*, std::string> names_;
  std::vector<const boost::json::value*> waiting_;  // Named, but not yet converted.
};

}  // namespace gw::openapi
