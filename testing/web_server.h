// A real HTTP server on a port of 127.0.0.1, for tests of what makes requests.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "http/server.h"
#include "net/acceptor.h"
#include "testing/run.h"

namespace gw::testing {

// On the current loop, as long as it lives. `handler` answers each request; the exchange outlives its task.
class WebServer final : public http::Service {
 public:
  using Handler = std::function<Task<Result<>>(http::Exchange&)>;

  explicit WebServer(Handler handler, std::shared_ptr<const net::TlsContext> tls = nullptr)
      : handler_(std::move(handler)), tls_(std::move(tls)) {}

  // "http://127.0.0.1:port"
  std::string origin() const { return fmt::format("{}://{}", tls_ ? "https" : "http", to_string(sockets_.bound)); }
  std::uint16_t port() const { return sockets_.bound.port; }

  // What was asked for, in its order.
  std::vector<std::string> targets;

  Task<Result<>> handle(http::Exchange& exchange) override {
    targets.emplace_back(exchange.request().target);
    return handler_(exchange);
  }

 private:
  Handler handler_;
  std::shared_ptr<const net::TlsContext> tls_;
  http::ServerCounters counters_;
  http::Server server_{*Loop::current(), *this, {}, counters_};
  net::ListenSockets sockets_ = *net::listen_on({"127.0.0.1", 0}, 1);
  net::Acceptor acceptor_{*Loop::current(), sockets_.fds[0], [this](int fd, const net::SocketAddress& peer) {
                            server_.serve(fd, {.address = peer.host(), .tls = tls_ != nullptr}, tls_);
                          }};
};

}  // namespace gw::testing
