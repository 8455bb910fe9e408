// JSON documents that the gateway owns: REST bodies, imported files, stored resources. Relayed messages are never
// parsed into a document (mcp/jsonrpc.h reads those in place).
//
// A document is a boost::json::value. This header needs only its declaration; include <boost/json.hpp> in the .cc file
// that takes documents apart. Objects keep the order in which members were inserted.
#pragma once

#include <string>
#include <string_view>

#include <boost/json/fwd.hpp>

#include "base/error.h"

namespace gw::json {

struct ParseOptions {
  std::size_t max_bytes = 4 << 20;
  std::size_t max_depth = 64;  // Nested lists and objects.
  bool lenient = false;        // Also takes comments and trailing commas, as editors write them.
  bool unique_names = false;  // Refuses objects in which a name occurs twice. Else the last one counts. Not if lenient.
};

// Errc::invalid with "line 3, column 7: …", Errc::too_large past max_bytes. A byte order mark is skipped.
Result<boost::json::value> parse(std::string_view text, const ParseOptions& options = {});

// On one line, without blanks.
std::string to_text(const boost::json::value& value);
// Indented by two spaces, short lists of scalars on one line, ending with a line feed.
std::string to_pretty_text(const boost::json::value& value);

}  // namespace gw::json
