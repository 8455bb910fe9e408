// The workers: on each, everything that a request of a client meets on its way to an upstream.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "config/options.h"
#include "front/front.h"
#include "front/internal_relay.h"
#include "http/server.h"
#include "net/acceptor.h"
#include "net/resolver.h"
#include "proxy/proxy.h"
#include "routing/route_table.h"
#include "runtime/workers.h"
#include "session/keyring.h"
#include "upstream/pool.h"

namespace gw::app {

struct WorkerCounters {
  http::ServerCounters server;
  front::FrontCounters front;
  proxy::Counters proxy;
  upstream::PoolCounters pool;
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

// In the order in which a request meets it, from below. Lives on one loop.
struct DataWorker {
  DataWorker(Loop& loop, BlockingPool& blocking, std::shared_ptr<net::InprocListener> control,
             std::shared_ptr<const session::Keyring> keyring, const config::Options& options);

  WorkerCounters counters;
  routing::RouteTable routes;
  net::Resolver resolver;
  upstream::Pool pool;
  proxy::Proxy proxy;
  front::InternalRelay control;
  front::Front front;
  http::Server server;
  std::vector<std::unique_ptr<net::Acceptor>> acceptors;
};

class DataPlane {
 public:
  DataPlane(Workers& workers, BlockingPool& blocking, std::shared_ptr<net::InprocListener> control,
            std::shared_ptr<const session::Keyring> keyring, const config::Options& options);

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
  std::vector<std::unique_ptr<DataWorker>> data_;
};

}  // namespace gw::app
