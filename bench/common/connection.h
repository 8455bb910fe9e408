// One HTTP/1.1 connection on a Poller: bytes in through an HttpReader, bytes out through a buffer.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "bench/common/http_reader.h"
#include "bench/common/poller.h"

namespace gw::bench {

// Derived classes implement MessageSink. Must not be destroyed from within its own callbacks.
class Connection : public PollHandler, protected MessageSink {
 public:
  // `socket` may still be connecting. `poller` must outlive the connection.
  Connection(Poller& poller, Fd socket, HttpReader::Kind kind);
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;
  virtual ~Connection() = default;

  // Writes what the socket takes now and keeps the rest.
  void send(std::string_view bytes);
  bool sending() const { return !unsent_.empty(); }

  void close() { socket_.reset(); }
  bool closed() const { return !socket_; }

  void on_ready(std::uint32_t events) final;

 protected:
  // The peer is gone or broke the protocol. Not called for close().
  virtual void on_lost() = 0;
  // Everything is written, after send() had to keep some.
  virtual void on_drained() {}

 private:
  void read_all(bool ended);
  void write_rest();
  void lose();

  Fd socket_;
  HttpReader reader_;
  std::string unsent_;
};

}  // namespace gw::bench
