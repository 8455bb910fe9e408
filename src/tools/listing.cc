#include "tools/listing.h"

#include "base/check.h"

namespace gw::tools {

catalogue::ListingPtr listing_of(const routing::AdapterRoute& route) {
  GW_CHECK(route.tool && route.federated, route.name);
  auto listing = std::make_shared<catalogue::Listing>();
  listing->adapter = route.name;
  listing->prefix = route.federated->tool_prefix;
  listing->tags = route.federated->tags;
  listing->categories = route.federated->categories;
  listing->hint = route.federated->hint;
  listing->capabilities = R"({"tools":{}})";
  auto definition = catalogue::read_definition(catalogue::Kind::tool, route.tool->definition);
  if (definition) {
    listing->definitions.push_back(*std::move(definition));
  } else {
    listing->invalid.push_back({.name = route.name, .why = definition.error().message()});
  }
  return listing;
}

}  // namespace gw::tools
