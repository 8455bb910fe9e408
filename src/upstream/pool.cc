#include "upstream/pool.h"

#include <algorithm>
#include <unordered_set>

#include "base/log.h"
#include "net/connect.h"

namespace gw::upstream {
namespace {

// Before the upstream closes an idle connection we must have stopped using it.
constexpr Duration safety_margin = std::chrono::seconds(1);

}  // namespace

// The idle connections to one origin. Leases share it, so that it outlives the pool's interest in the origin.
struct Pool::Bucket {
  Bucket(const PoolOptions& pool_options, Origin reached) : options(pool_options), origin(std::move(reached)) {}

  const PoolOptions options;
  const Origin origin;
  std::size_t endpoints = 0;  // That use this bucket.
  bool closed = false;
  bool denied = false;  // Since the last connection, and that was logged.
  std::vector<std::unique_ptr<http::ClientConnection>> idle;

  void give_back(std::unique_ptr<http::ClientConnection> connection) {
    Duration keep = options.idle_timeout;
    if (const auto hint = connection->keep_alive_hint()) keep = std::min(keep, *hint - safety_margin);
    if (closed || keep <= Duration::zero() || idle.size() >= options.max_idle_per_endpoint) return;
    connection->set_idle();
    net::Stream& stream = connection->stream();
    stream.deadline = stream.loop().now() + keep;
    stream.on_hangup([this, gone = connection.get()] {
      std::erase_if(idle, [gone](const auto& other) { return other.get() == gone; });
    });
    idle.push_back(std::move(connection));
  }

  // Nothing when none is left. One on which something came that nobody asked for is not used again: it would be taken
  // for the next answer.
  std::unique_ptr<http::ClientConnection> take_silent() {
    while (!idle.empty()) {
      auto connection = take();
      char unexpected[1];
      net::Stream& stream = connection->stream();
      if (!stream.maybe_readable() || stream.read_some(unexpected).state == net::IoResult::State::would_block) {
        return connection;
      }
    }
    return nullptr;
  }

  std::unique_ptr<http::ClientConnection> take() {
    auto connection = std::move(idle.back());
    idle.pop_back();
    connection->stream().on_hangup(nullptr);
    connection->stream().deadline = never;
    return connection;
  }

  void close() {
    closed = true;
    while (!idle.empty()) take();
  }
};

Pool::Pool(net::Resolver& resolver, PoolOptions options, PoolCounters& counters)
    : resolver_(resolver), options_(options), counters_(counters) {}

Pool::~Pool() {
  for (auto& [id, bucket] : buckets_) bucket->close();
}

Pool::Lease::Lease(std::shared_ptr<Bucket> bucket, std::unique_ptr<http::ClientConnection> connection, bool reused)
    : bucket_(std::move(bucket)), connection_(std::move(connection)), reused_(reused) {}

Pool::Lease::~Lease() {
  if (connection_ != nullptr && connection_->reusable()) bucket_->give_back(std::move(connection_));
}

std::shared_ptr<Pool::Bucket> Pool::bucket_for(const routing::Endpoint& endpoint) {
  Origin origin{endpoint.address.host, endpoint.address.port, endpoint.tls, endpoint.egress};
  // The port of a process may soon be another's, and a service of this process has no address.
  const bool alone = endpoint.is_process || endpoint.inproc != nullptr;
  auto bucket = alone ? nullptr : shared_[origin];
  if (bucket == nullptr) bucket = std::make_shared<Bucket>(options_, origin);
  if (!alone) shared_[std::move(origin)] = bucket;
  ++bucket->endpoints;
  return bucket;
}

MaybeTask<Result<Pool::Lease>> Pool::acquire(const routing::Endpoint& endpoint, Duration connect_timeout) {
  std::shared_ptr<Bucket>& bucket = buckets_[endpoint.id];
  if (bucket == nullptr) bucket = bucket_for(endpoint);
  auto connection = bucket->take_silent();
  if (connection == nullptr) return open(bucket, endpoint, connect_timeout);
  counters_.reused.add();
  return Result<Lease>(Lease(bucket, std::move(connection), true));
}

Task<Result<Pool::Lease>> Pool::open(std::shared_ptr<Bucket> bucket, routing::Endpoint endpoint,
                                     Duration connect_timeout) {
  Result<std::unique_ptr<net::Stream>> stream;
  if (endpoint.inproc != nullptr) {
    stream = endpoint.inproc->connect();
  } else {
    net::ConnectOptions options{
        .address = endpoint.address, .tls = endpoint.tls, .timeout = connect_timeout, .egress = endpoint.egress};
    stream = co_await net::connect(resolver_, std::move(options));
  }
  if (!stream) {
    counters_.failed.add();
    if (stream.error().code() != Errc::forbidden) co_return std::unexpected(stream.error());
    co_return std::unexpected(denied(*bucket, endpoint, stream.error()));
  }
  counters_.opened.add();
  bucket->denied = false;
  auto connection = std::make_unique<http::ClientConnection>(*std::move(stream), options_.limits);
  co_return Lease(std::move(bucket), std::move(connection), false);
}

Error Pool::denied(Bucket& bucket, const routing::Endpoint& endpoint, const Error& reason) {
  counters_.denied.add();
  if (!std::exchange(bucket.denied, true)) {
    log::warn("upstream.address_denied", {{"upstream", endpoint.host}, {"error", reason.message()}});
  }
  return {Errc::upstream, "the gateway may not connect to the address of this server; its log says why"};
}

void Pool::forget(const std::string& endpoint_id) {
  const auto it = buckets_.find(endpoint_id);
  if (it == buckets_.end()) return;
  if (--it->second->endpoints == 0) {
    it->second->close();
    if (const auto same = shared_.find(it->second->origin); same != shared_.end() && same->second == it->second) {
      shared_.erase(same);
    }
  }
  buckets_.erase(it);
}

std::size_t Pool::idle() const {
  std::unordered_set<const Bucket*> seen;
  std::size_t count = 0;
  for (const auto& [id, bucket] : buckets_) {
    if (seen.insert(bucket.get()).second) count += bucket->idle.size();
  }
  return count;
}

}  // namespace gw::upstream
