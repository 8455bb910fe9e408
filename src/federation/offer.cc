#include "federation/offer.h"

namespace gw::federation {

OfferPtr make_offer(catalogue::SnapshotPtr snapshot, const std::vector<catalogue::ListingPtr>& listings,
                    const catalogue::FederationOptions& options,
                    const std::vector<catalogue::VirtualServer>& virtual_servers) {
  auto offer = std::make_shared<Offer>();
  offer->options = options;
  for (const catalogue::ListingPtr& listing : listings) {
    offer->servers[listing->adapter] = {.instructions = listing->instructions,
                                        .hint = listing->hint,
                                        .categories = listing->categories,
                                        .tags = listing->tags};
  }
  for (const catalogue::VirtualServer& server : virtual_servers) offer->virtual_servers[server.name] = server;
  if (catalogue::offers_meta_tools(options)) {
    std::vector<search::Document> documents;
    for (const catalogue::Item& item : snapshot->items(catalogue::Kind::tool)) {
      documents.push_back({.name = item.name,
                           .title = item.definition->title,
                           .description = item.description,
                           .parameters = item.definition->parameters,
                           .tags = item.tags});
    }
    offer->tools = search::Index::make(documents);
  }
  offer->snapshot = std::move(snapshot);
  return offer;
}

}  // namespace gw::federation
