// Security schemes as header fields whose values are references.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "openapi/document.h"

namespace gw::openapi {

// The fields that requests of `operation` to `server` need: values such as "Bearer ${env:OPENAPI_PETSTORE_AUTH}". What
// has to be provided for which host, and what cannot be done, is said in `warnings`, each once.
std::map<std::string, std::string> credentials_of(const Document& document, const boost::json::value& operation,
                                                  std::string_view server, std::vector<std::string>& warnings);

}  // namespace gw::openapi
