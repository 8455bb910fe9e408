// The control side of /mcp: asks every federated adapter what it offers, makes one catalogue of it, and hands that to
// the workers.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include <boost/json/fwd.hpp>

#include "federation/offer.h"
#include "net/resolver.h"
#include "peer/lister.h"
#include "peer/reaper.h"
#include "routing/route_table.h"
#include "runtime/loop.h"
#include "tools/tool_health.h"
#include "upstream/pool.h"

namespace gw::app {

// Made, used and destroyed on the control loop, or before it runs and after it stopped.
class FederationSide {
 public:
  // Called on the loop.
  struct Hooks {
    std::function<void(federation::OfferPtr)> publish;             // For the first time after open().
    std::function<void(const catalogue::ListingPtr&)> on_listing;  // Before the merge that shows it.
    std::function<catalogue::Pins()> pins;                         // For each merge.
  };

  // All references outlive it.
  FederationSide(Loop& loop, peer::Shared& peers, tools::ToolHealth& tools, net::Resolver& names,
                 upstream::PoolOptions pool_options, Hooks hooks);
  ~FederationSide();
  FederationSide(const FederationSide&) = delete;
  FederationSide& operator=(const FederationSide&) = delete;

  // Begins to speak with servers: on the running loop, once, before the first routes.
  void start();
  // All adapters are known. The first offer is published when each was asked once, but soon in any case, so that
  // clients that come back after a restart find what they knew.
  void open();
  // What the configuration says, at the start and whenever it changes.
  void configure(catalogue::FederationOptions options, std::vector<catalogue::VirtualServer> virtual_servers);
  // Every change of routes, in their order.
  void apply(const routing::RouteTable::Change& change);
  // A server said in the middle of a call that one of its lists changed ("notifications/tools/list_changed").
  void heard(const std::string& adapter, const std::string& method);
  // What is pinned, or to what, has changed.
  void merge_soon();
  // Listens no more and ends the sessions that are open on servers.
  Task<> shut_down();

  // The member "federation" of /status.
  boost::json::object status() const;
  // What the entry of a registered tool has besides, there: nothing, unless it is unreachable.
  boost::json::object trouble(const std::string& tool) const;
  const catalogue::SnapshotPtr& snapshot() const { return snapshot_; }  // Never null.
  const peer::Counters& counters() const { return counters_; }

 private:
  struct Source;

  void follow(const routing::RoutePtr& route);
  void follow_tool(std::unique_ptr<Source>& source, const routing::RoutePtr& route);
  void forget(const std::string& name);
  bool waits_for_first_listings() const;
  void merge();
  std::vector<const Source*> in_order() const;

  peer::Shared& peers_;
  tools::ToolHealth& tools_;
  const Hooks hooks_;
  routing::RouteTable routes_;  // The control loop's own.
  upstream::PoolCounters pool_counters_;
  upstream::Pool pool_;
  peer::Counters counters_;
  peer::Outbound outbound_;

  bool started_ = false;
  SteadyTime patient_until_ = SteadyTime::max();  // Until the first offer: how long it may wait.
  bool offered_ = false;
  catalogue::FederationOptions options_;
  std::vector<catalogue::VirtualServer> virtual_servers_;
  std::uint64_t generation_ = 0;
  Duration last_merge_{};  // How long it took.
  catalogue::SnapshotPtr snapshot_;
  std::map<std::string, std::unique_ptr<Source>> sources_;
  Timer merge_timer_;
  std::unique_ptr<peer::Reaper> reaper_;
};

}  // namespace gw::app
