// JSON values as YAML that people can read and change.
#pragma once

#include <string>

#include <boost/json/fwd.hpp>

namespace gw::openapi {

// In block style, strings in quotes where they could be anything else; ends with a line feed.
std::string yaml_text(const boost::json::value& value);

}  // namespace gw::openapi
