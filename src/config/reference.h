// The configuration's documentation, made from the tables that it is read with.
#pragma once

#include <string>

namespace gw::config {

// A JSON Schema (2020-12) for editors.
std::string schema_text();
// docs/reference/configuration.md.
std::string reference_page();

}  // namespace gw::config
