// What a registered tool brings to the catalogue.
#pragma once

#include "catalogue/item.h"
#include "routing/route.h"

namespace gw::tools {

// The one definition of a registered tool that is federated; among the invalid ones, with the reason, if it cannot be
// offered.
catalogue::ListingPtr listing_of(const routing::AdapterRoute& route);

}  // namespace gw::tools
