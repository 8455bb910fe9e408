// The tables of `federation` and `virtualServers`.
#pragma once

#include "catalogue/options.h"
#include "schema/table.h"

namespace gw::config {

schema::Object<catalogue::FederationOptions> federation_object();
schema::Object<catalogue::VirtualServer> virtual_server_object();

}  // namespace gw::config
