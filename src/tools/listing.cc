#include "tools/listing.h"

#include "base/check.h"

namespace gw::tools {

catalogue::ListingPtr listing_of(const model::AdapterSpec& spec) {
  GW_CHECK(spec.tool);
  auto listing = std::make_shared<catalogue::Listing>();
  listing->adapter = spec.name;
  listing->prefix = spec.tool_prefix;
  listing->tags = spec.tags;
  listing->categories = spec.categories;
  listing->hint = spec.hint;
  listing->capabilities = R"({"tools":{}})";
  auto definition = catalogue::read_definition(catalogue::Kind::tool, spec.tool->definition);
  if (definition) {
    listing->definitions.push_back(*std::move(definition));
  } else {
    listing->invalid.push_back({.name = spec.name, .why = definition.error().message()});
  }
  return listing;
}

}  // namespace gw::tools
