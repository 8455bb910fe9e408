// What a registered tool brings to the catalogue.
#pragma once

#include "catalogue/item.h"
#include "model/adapter.h"

namespace gw::tools {

// The one definition of `spec`, a registered tool; among the invalid ones, with the reason, if it cannot be offered.
catalogue::ListingPtr listing_of(const model::AdapterSpec& spec);

}  // namespace gw::tools
