#include "net/acceptor.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "base/log.h"
#include "base/strings.h"

namespace gw::net {
namespace {

constexpr int backlog = 1024;

Errc code_of(int error) {
  return error == EADDRINUSE ? Errc::conflict : error == EACCES ? Errc::forbidden : Errc::invalid;
}

std::string_view remedy_of(int error) {
  switch (error) {
    case EADDRINUSE: return "; another program listens there: stop it or choose another port";
    case EACCES: return "; ports below 1024 need privileges: choose a higher one";
    case EADDRNOTAVAIL: return "; it is not an address of this machine";
    default: return "";
  }
}

Result<int> bind_socket(const HostPort& address, const SocketAddress& where, bool shared) {
  const int fd = ::socket(where.family(), SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0) return fail(Errc::internal, "cannot create a socket: {}", std::strerror(errno));
  const int on = 1;
  ::setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (shared) ::setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof on);
  if (where.family() == AF_INET6) ::setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on);
  if (::bind(fd, where.get(), where.length()) != 0 || (shared && ::listen(fd, backlog) != 0)) {
    const int error = errno;
    ::close(fd);
    return fail(code_of(error), "cannot listen on {}: {}{}", to_string(address), std::strerror(error),
                remedy_of(error));
  }
  return fd;
}

std::uint16_t bound_port(int fd) {
  sockaddr_storage storage{};
  socklen_t length = sizeof storage;
  ::getsockname(fd, reinterpret_cast<sockaddr*>(&storage), &length);
  return SocketAddress(reinterpret_cast<sockaddr*>(&storage), length).port();
}

}  // namespace

Result<ListenSockets> listen_on(const HostPort& address, std::size_t count) {
  const std::string host = iequals(address.host, "localhost") ? "127.0.0.1" : address.host;
  auto where = SocketAddress::from_numeric(host, address.port);
  if (!where) {
    return fail(Errc::invalid, "cannot listen on {}: write a numeric address, for example 127.0.0.1:8000 or [::]:8000",
                to_string(address));
  }
  // A socket that does not share its port finds out whether somebody else has it: shared ones would join in silently.
  GW_TRY(const int probe, bind_socket(address, *where, false));
  const std::uint16_t port = bound_port(probe);
  ::close(probe);
  where = SocketAddress::from_numeric(host, port);

  ListenSockets sockets{{}, {address.host, port}};
  for (std::size_t i = 0; i < count; ++i) {
    auto fd = bind_socket(sockets.bound, *where, true);
    if (!fd) {
      for (const int open : sockets.fds) ::close(open);
      return std::unexpected(fd.error());
    }
    sockets.fds.push_back(*fd);
  }
  return sockets;
}

Acceptor::Acceptor(Loop& loop, int fd, OnAccept on_accept)
    : loop_(loop), fd_(fd), on_accept_(std::move(on_accept)), retry_(loop, [this] { accept_all(); }) {
  if (const auto added = loop.add(fd, *this); !added)
    log::error("net.watch_failed", {{"error", added.error().message()}});
}

Acceptor::~Acceptor() {
  loop_.remove(fd_, *this);
  ::close(fd_);
}

void Acceptor::on_ready(Readiness ready) {
  if (ready.readable) accept_all();
}

void Acceptor::accept_all() {
  while (true) {
    sockaddr_storage storage{};
    socklen_t length = sizeof storage;
    const int fd = ::accept4(fd_, reinterpret_cast<sockaddr*>(&storage), &length, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd >= 0) {
      const int on = 1;
      ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
      on_accept_(fd, SocketAddress(reinterpret_cast<sockaddr*>(&storage), length));
    } else if (errno == EAGAIN) {
      return;
    } else if (errno != EINTR && errno != ECONNABORTED) {
      // Those that still wait make no new edge.
      const bool no_descriptor = errno == EMFILE || errno == ENFILE;
      log::error("net.accept_failed", {{"error", std::strerror(errno)},
                                       {"remedy", no_descriptor ? "raise the limit of open files" : "none is known"}});
      retry_.arm(steady_now() + std::chrono::milliseconds(100));
      return;
    }
  }
}

}  // namespace gw::net
