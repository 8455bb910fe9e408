// What the control plane gives to every worker, as one immutable value.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "catalogue/options.h"
#include "catalogue/snapshot.h"
#include "search/index.h"

namespace gw::federation {

// What clients may be told about one server.
struct ServerNote {
  std::string instructions;
  std::string hint;
  std::vector<std::string> categories;
  std::vector<std::string> tags;
};

struct Offer {
  catalogue::SnapshotPtr snapshot;  // Never null.
  catalogue::FederationOptions options;
  std::map<std::string, ServerNote, std::less<>> servers;
  std::map<std::string, catalogue::VirtualServer, std::less<>> virtual_servers;
  std::shared_ptr<const search::Index> tools;  // Of the snapshot's tools, in its order; null without meta-tools.
};
using OfferPtr = std::shared_ptr<const Offer>;

// Made on the control loop, where it costs nobody's request.
OfferPtr make_offer(catalogue::SnapshotPtr snapshot, const std::vector<catalogue::ListingPtr>& listings,
                    const catalogue::FederationOptions& options,
                    const std::vector<catalogue::VirtualServer>& virtual_servers);

}  // namespace gw::federation
