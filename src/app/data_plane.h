// The workers: on each, everything that a request of a client meets on its way to an upstream.
#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include "access/access.h"
#include "app/data_service.h"
#include "app/router_side.h"
#include "config/options.h"
#include "federation/federation.h"
#include "front/front.h"
#include "front/internal_relay.h"
#include "http/server.h"
#include "net/acceptor.h"
#include "net/resolver.h"
#include "peer/outbound.h"
#include "proxy/proxy.h"
#include "routing/route_table.h"
#include "runtime/workers.h"
#include "session/keyring.h"
#include "tools/tool_health.h"
#include "upstream/pool.h"

namespace gw::app {

struct WorkerCounters {
  http::ServerCounters server;
  front::FrontCounters front;
  access::Counters access;
  proxy::Counters proxy;
  upstream::PoolCounters pool;
  peer::Counters peer;
  federation::Counters federation;
};

// Between comments on silent event streams; so long when there shall be none that it never passes.
inline Duration keep_alive_interval(const config::HttpOptions& options) {
  return options.keep_alive_interval > Duration::zero() ? options.keep_alive_interval : std::chrono::years(1);
}

// One address and its certificate.
struct Listening {
  net::ListenSockets sockets;
  std::shared_ptr<const net::TlsContext> tls;
};

// What the workers share about access; all of it outlives them.
struct SharedAccess {
  auth::KeyRefresh& refresh;
  limits::Limiter& limiter;
  audit::Trail* trail;  // Null: no audit.
  const auth::IdentityKey& identity_key;
  proxy::ToolHints& hints;
};

// What the workers share about /mcp; all of it outlives them.
struct SharedFederation {
  SharedFederation(peer::Options peer_options, Loop& home, federation::Options options)
      : peers(std::move(peer_options), home), clients(std::move(options)) {}

  peer::Shared peers;
  federation::Shared clients;
  tools::ToolHealth tools;
};

// Bounds and lifetimes of connections to upstreams.
upstream::PoolOptions pool_options(const config::Options& options);

// In the order in which a request meets it, from below. Lives on one loop.
struct DataWorker {
  DataWorker(Loop& loop, BlockingPool& blocking, std::shared_ptr<net::InprocListener> control,
             std::shared_ptr<const session::Keyring> keyring, const SharedAccess& shared, SharedFederation& federated,
             const RouterSide& router, const config::Options& options);

  WorkerCounters counters;
  access::Access access;
  routing::RouteTable routes;
  net::Resolver resolver;
  upstream::Pool pool;
  proxy::Proxy proxy;
  peer::Outbound outbound;
  federation::RemoteBackends backends;
  federation::Federation federation;
  DataService data;
  front::InternalRelay control;
  front::Front front;
  http::Server server;
  std::vector<std::unique_ptr<net::Acceptor>> acceptors;
};

class DataPlane {
 public:
  DataPlane(Workers& workers, BlockingPool& blocking, std::shared_ptr<net::InprocListener> control,
            std::shared_ptr<const session::Keyring> keyring, const SharedAccess& shared, SharedFederation& federated,
            const RouterSide& router, const config::Options& options);

  // Hands settings to all workers; a request that has begun goes on with those that it met. Thread-safe. Nothing is
  // served before the first.
  void apply(access::SettingsPtr settings);
  // The same for what /mcp offers.
  void apply(federation::OfferPtr offer);
  // Later settings and offers go nowhere.
  void close() { closed_ = true; }

  std::vector<routing::RouteTable*> route_tables();
  std::vector<const WorkerCounters*> counters() const;

  // Begins to accept on all workers. Thread-safe, like the others below.
  void accept(const std::vector<Listening>& listening);
  // Stops accepting and ends what can be ended; `done` is called on some worker when the last connection has gone.
  void drain(std::function<void()> done);
  // Destroys everything on the loops that own it; returns when that is done.
  void destroy();

 private:
  Workers& workers_;
  std::atomic<bool> closed_ = false;
  std::vector<std::unique_ptr<DataWorker>> data_;
};

}  // namespace gw::app
