// The schemas of /openapi.json.
#pragma once

#include <boost/json/fwd.hpp>

namespace gw::control {

// "Adapter", "AdapterInput", "AdapterStatus", "GatewayStatus", …: what the document's references name.
boost::json::object openapi_schemas();

}  // namespace gw::control
