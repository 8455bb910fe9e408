#include "app/data_plane.h"

#include <algorithm>
#include <atomic>

#include "app/run_on.h"
#include "net/address.h"

namespace gw::app {
namespace {

http::ParserLimits parser_limits(const config::HttpOptions& options) {
  return {.max_head = options.max_header_bytes};
}

// What a gateway says of the caller comes on top of what a client may send.
http::ParserLimits request_limits(const config::Options& options) {
  http::ParserLimits limits = parser_limits(options.http);
  if (options.router.mode == config::RouterMode::router) limits.max_head += 64 << 10;
  return limits;
}

proxy::ProxyOptions proxy_options(const config::Options& options) {
  return {.session_lifetime = options.sessions.lifetime, .keep_alive_interval = keep_alive_interval(options.http)};
}

front::OriginOptions origin_options(const config::Options& options) {
  const bool loopback =
      std::all_of(options.listen.begin(), options.listen.end(), [](const config::ListenOptions& listen) {
        return net::is_loopback_host(net::parse_host_port(listen.address)->host);
      });
  return {.loopback_only = loopback,
          .allowed_hosts = options.http.allowed_hosts,
          .allowed_origins = options.http.allowed_origins};
}

http::ServerOptions server_options(const config::Options& options, std::size_t workers) {
  return {.limits = request_limits(options),
          .max_body = options.http.max_body_bytes,
          .header_timeout = options.http.header_timeout,
          .body_timeout = options.http.body_timeout,
          .idle_timeout = options.http.idle_timeout,
          .max_requests = options.http.max_requests_per_connection,
          .max_connections = std::max<std::size_t>(1, options.http.max_connections / workers)};
}

}  // namespace

upstream::PoolOptions pool_options(const config::Options& options) {
  return {.max_idle_per_endpoint = options.upstream.max_idle_per_endpoint,
          .idle_timeout = options.upstream.idle_timeout,
          .limits = parser_limits(options.http)};
}

DataWorker::DataWorker(Loop& loop, BlockingPool& blocking, std::shared_ptr<net::InprocListener> control_listener,
                       std::shared_ptr<const session::Keyring> keyring, const SharedAccess& shared,
                       SharedFederation& federated, const RouterSide& router, const config::Options& options)
    : access(loop, shared.refresh, shared.limiter, shared.trail, shared.identity_key, counters.access),
      resolver(blocking),
      pool(resolver, pool_options(options), counters.pool),
      proxy(routes, pool, session::Sealer(keyring), access, shared.hints, proxy_options(options), counters.proxy),
      outbound(routes, pool, federated.peers, counters.peer),
      backends(outbound, federated.tools),
      federation({.access = access,
                  .backends = backends,
                  .shared = federated.clients,
                  .sealer = session::Sealer(std::move(keyring)),
                  .counters = counters.federation}),
      data(proxy, federation, router.routers.get()),
      control(pool, std::move(control_listener),
              [this](const http::Exchange& exchange) {
                return std::string(access::client_address(access.settings(), exchange));
              }),
      front(front::OriginGuard(origin_options(options)), access, DataService::serves, data, control,
            router.for_gateways.get(), counters.front),
      server(loop, front, server_options(options, options.workers), counters.server) {
  routes.on_endpoints_gone([this](const std::vector<std::string>& ids) {
    for (const std::string& id : ids) outbound.selector.forget(id);
  });
  routes.on_change([this] { federation.reconsider(); });
}

DataPlane::DataPlane(Workers& workers, BlockingPool& blocking, std::shared_ptr<net::InprocListener> control,
                     std::shared_ptr<const session::Keyring> keyring, const SharedAccess& shared,
                     SharedFederation& federated, const RouterSide& router, const config::Options& options)
    : workers_(workers) {
  for (std::size_t i = 0; i < workers.size(); ++i) {
    data_.push_back(
        std::make_unique<DataWorker>(workers.loop(i), blocking, control, keyring, shared, federated, router, options));
  }
}

std::vector<routing::RouteTable*> DataPlane::route_tables() {
  std::vector<routing::RouteTable*> tables;
  for (auto& worker : data_) tables.push_back(&worker->routes);
  return tables;
}

std::vector<const WorkerCounters*> DataPlane::counters() const {
  std::vector<const WorkerCounters*> counters;
  for (const auto& worker : data_) counters.push_back(&worker->counters);
  return counters;
}

void DataPlane::apply(access::SettingsPtr settings) {
  if (closed_) return;
  workers_.post_to_all([this, settings = std::move(settings)](std::size_t i) {
    if (data_[i] == nullptr) return;
    data_[i]->access.apply(settings);
    data_[i]->federation.reconsider();
  });
}

void DataPlane::apply(federation::OfferPtr offer) {
  if (closed_) return;
  workers_.post_to_all([this, offer = std::move(offer)](std::size_t i) {
    if (data_[i] != nullptr) data_[i]->federation.apply(offer);
  });
}

void DataPlane::accept(const std::vector<Listening>& listening) {
  workers_.post_to_all([this, listening](std::size_t i) {
    DataWorker& worker = *data_[i];
    for (const Listening& address : listening) {
      worker.acceptors.push_back(std::make_unique<net::Acceptor>(
          workers_.loop(i), address.sockets.fds[i],
          [&worker, tls = address.tls](int fd, const net::SocketAddress& peer) {
            worker.server.serve(fd, {.address = peer.host(), .tls = tls != nullptr}, tls);
          }));
    }
  });
}

void DataPlane::drain(std::function<void()> done) {
  const auto left = std::make_shared<std::atomic<std::size_t>>(data_.size());
  workers_.post_to_all([this, left, done = std::move(done)](std::size_t i) {
    data_[i]->acceptors.clear();
    data_[i]->server.drain([left, done] {
      if (left->fetch_sub(1) == 1) done();
    });
  });
}

void DataPlane::destroy() {
  for (std::size_t i = 0; i < data_.size(); ++i) {
    run_on(workers_.loop(i), [&] { data_[i].reset(); });
  }
}

}  // namespace gw::app
