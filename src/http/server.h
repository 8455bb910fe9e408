// The HTTP/1.1 server of one worker: its connections, their bounds, and how they end.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <string>

#include "http/parser.h"
#include "http/service.h"
#include "net/stream.h"
#include "net/tls.h"
#include "runtime/task_group.h"

namespace gw::http {

struct ServerOptions {
  ParserLimits limits;
  std::uint64_t max_body = 16 << 20;                   // Bytes; 0: no limit.
  Duration header_timeout = std::chrono::seconds(10);  // For a whole head, from its first byte.
  Duration body_timeout = std::chrono::seconds(60);    // Between two reads of a body, and between two writes.
  Duration idle_timeout = std::chrono::seconds(75);    // Between requests.
  std::uint32_t max_requests = 0;                      // Per connection; 0: no limit.
  std::size_t max_connections = 20'000;                // Of this server.
};

// Counted for metrics; read from any thread.
struct ServerCounters {
  std::atomic<std::uint64_t> connections{0};  // Accepted.
  std::atomic<std::uint64_t> refused{0};      // Above max_connections.
  std::atomic<std::int64_t> open{0};
  std::atomic<std::uint64_t> requests{0};
  std::atomic<std::uint64_t> malformed{0};  // Refused before any service saw them.
};

// Belongs to one loop. The service and the counters must outlive it.
class Server {
 public:
  Server(Loop& loop, Service& service, ServerOptions options, ServerCounters& counters);
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  // Serves a connection until it ends. With `tls` the handshake comes first.
  void serve(int fd, Peer peer, const std::shared_ptr<const net::TlsContext>& tls);
  void serve(std::unique_ptr<net::Stream> stream, Peer peer);

  // Closes idle connections, tells the others (Exchange::on_drain, "Connection: close") and calls `done` on the loop
  // when the last one has ended. What still runs when the server is destroyed is cut.
  void drain(std::function<void()> done);

  std::size_t connections() const { return tasks_.size(); }
  bool draining() const { return draining_; }

 private:
  friend class ServerConnection;
  Task<> run(std::unique_ptr<net::Stream> stream, Peer peer);
  Task<> run_tls(int fd, Peer peer, std::shared_ptr<const net::TlsContext> tls);

  Loop& loop_;
  Service& service_;
  ServerOptions options_;
  ServerCounters& counters_;
  bool draining_ = false;
  IntrusiveList<class ServerConnection> connections_;
  TaskGroup tasks_;  // Last: its tasks use everything above.
};

}  // namespace gw::http
