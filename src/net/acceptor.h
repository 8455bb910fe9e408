// Listening sockets.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "net/address.h"
#include "runtime/loop.h"

namespace gw::net {

// The sockets of one listening address, one for each worker: the kernel spreads connections over them.
struct ListenSockets {
  std::vector<int> fds;
  HostPort bound;  // With the real port when 0 was asked for.
};

// Binds and listens. Errc::conflict when the address is taken (also by another gateway), Errc::forbidden for a
// privileged port, Errc::invalid when the host is not an address of this machine.
Result<ListenSockets> listen_on(const HostPort& address, std::size_t count);

// Accepts on one socket, on one loop. Destroying it stops accepting and closes the socket.
class Acceptor final : private Pollable {
 public:
  using OnAccept = std::function<void(int fd, const SocketAddress& peer)>;  // Takes the descriptor, non-blocking.

  Acceptor(Loop& loop, int fd, OnAccept on_accept);
  ~Acceptor();

 private:
  void on_ready(Readiness ready) override;
  void accept_all();

  Loop& loop_;
  int fd_;
  OnAccept on_accept_;
  Timer retry_;  // After running out of descriptors.
};

}  // namespace gw::net
