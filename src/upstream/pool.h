// Connections to upstreams that wait for their next request, per worker.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <tuple>
#include <unordered_map>
#include <vector>

#include "base/counter.h"
#include "http/client_connection.h"
#include "net/resolver.h"
#include "routing/route.h"
#include "runtime/maybe_task.h"

namespace gw::upstream {

struct PoolOptions {
  std::size_t max_idle_per_endpoint = 256;
  Duration idle_timeout = std::chrono::seconds(50);  // Shortened where the upstream says how long it keeps connections.
  http::ParserLimits limits;
};

struct PoolCounters {
  Counter opened;
  Counter reused;
  Counter failed;
  Counter denied;  // Of the failed ones, those that the egress rules forbid.
};

// Belongs to one loop. A connection that the upstream closes leaves the pool at once. Endpoints of different adapters
// that have the same origin (address, TLS context and egress rules) share its connections.
class Pool {
 public:
  Pool(net::Resolver& resolver, PoolOptions options, PoolCounters& counters);
  ~Pool();
  Pool(const Pool&) = delete;
  Pool& operator=(const Pool&) = delete;

  struct Bucket;

  // A connection for one exchange. When the lease ends, the connection returns to the pool if its exchange is complete
  // and is closed otherwise: destroying a lease early is how a request is called off.
  class Lease {
   public:
    Lease() = default;
    Lease(std::shared_ptr<Bucket> bucket, std::unique_ptr<http::ClientConnection> connection, bool reused);
    ~Lease();
    Lease(Lease&&) noexcept = default;
    Lease& operator=(Lease&&) noexcept = default;

    http::ClientConnection* operator->() const { return connection_.get(); }
    http::ClientConnection& operator*() const { return *connection_; }
    // Whether it carried requests before: it may have been closed at the moment when this one was sent.
    bool reused() const { return reused_; }

   private:
    std::shared_ptr<Bucket> bucket_;
    std::unique_ptr<http::ClientConnection> connection_;
    bool reused_ = false;
  };

  // An idle connection, or a new one. Errc::unavailable, Errc::timeout or Errc::upstream as net::connect says. Where
  // the egress rules forbid every address it is Errc::upstream with a sentence for strangers: the addresses stand in
  // the log, as `upstream.address_denied`, once until a connection to that origin succeeds.
  MaybeTask<Result<Lease>> acquire(const routing::Endpoint& endpoint, Duration connect_timeout);

  // The endpoint is gone: closes its idle connections unless another endpoint shares them.
  void forget(const std::string& endpoint_id);
  std::size_t idle() const;

 private:
  using Origin = std::tuple<std::string, std::uint16_t, std::shared_ptr<const net::TlsContext>,
                            std::shared_ptr<const net::EgressRules>>;

  std::shared_ptr<Bucket> bucket_for(const routing::Endpoint& endpoint);
  Error denied(Bucket& bucket, const routing::Endpoint& endpoint, const Error& reason);
  Task<Result<Lease>> open(std::shared_ptr<Bucket> bucket, routing::Endpoint endpoint, Duration connect_timeout);

  net::Resolver& resolver_;
  PoolOptions options_;
  PoolCounters& counters_;
  std::unordered_map<std::string, std::shared_ptr<Bucket>> buckets_;  // By endpoint id.
  std::map<Origin, std::shared_ptr<Bucket>> shared_;                  // Those that several endpoints may use.
};

}  // namespace gw::upstream
