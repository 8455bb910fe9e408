#include "http/server.h"

#include <unistd.h>

#include "base/log.h"
#include "http/server_connection.h"
#include "net/fd_stream.h"
#include "net/tls_stream.h"

namespace gw::http {

Server::Server(Loop& loop, Service& service, ServerOptions options, ServerCounters& counters)
    : loop_(loop), service_(service), options_(options), counters_(counters) {}

Server::~Server() = default;

void Server::serve(int fd, Peer peer, const std::shared_ptr<const net::TlsContext>& tls) {
  if (connections() >= options_.max_connections || draining_) {
    counters_.refused.fetch_add(1, std::memory_order_relaxed);
    ::close(fd);
    return;
  }
  if (tls == nullptr) {
    serve(std::make_unique<net::FdStream>(loop_, fd), std::move(peer));
  } else {
    tasks_.spawn("http.connection", run_tls(fd, std::move(peer), tls));
  }
}

void Server::serve(std::unique_ptr<net::Stream> stream, Peer peer) {
  tasks_.spawn("http.connection", run(std::move(stream), std::move(peer)));
}

Task<> Server::run_tls(int fd, Peer peer, std::shared_ptr<const net::TlsContext> tls) {
  auto stream = std::make_unique<net::TlsStream>(loop_, fd, *tls, net::TlsStream::Role::server);
  stream->deadline = loop_.now() + options_.header_timeout;
  const auto shaken = co_await stream->handshake();
  if (!shaken) {
    log::debug("http.tls_handshake_failed", {{"peer", peer.address}, {"error", shaken.error().message()}});
    co_return;
  }
  peer.tls = true;
  co_await run(std::move(stream), std::move(peer));
}

Task<> Server::run(std::unique_ptr<net::Stream> stream, Peer peer) {
  struct Open {
    explicit Open(ServerCounters& counted) : counters(counted) {
      counters.connections.fetch_add(1, std::memory_order_relaxed);
      counters.open.fetch_add(1, std::memory_order_relaxed);
    }
    ~Open() { counters.open.fetch_sub(1, std::memory_order_relaxed); }
    ServerCounters& counters;
  } const open(counters_);
  ServerConnection connection(*this, std::move(stream), std::move(peer));
  connections_.push_back(connection);
  co_await connection.run();
}

void Server::drain(std::function<void()> done) {
  draining_ = true;
  connections_.for_each([](ServerConnection& connection) { connection.drain(); });
  if (tasks_.size() == 0) {
    done();
  } else {
    tasks_.on_idle(std::move(done));
  }
}

}  // namespace gw::http
