#include "process/local_port.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstring>

#include "process/unique_fd.h"

namespace gw::process {
namespace {

sockaddr_in local_address(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

UniqueFd tcp_socket() {
  return UniqueFd(::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
}

// 0 when it has none.
std::uint16_t own_port(const UniqueFd& socket) {
  sockaddr_in address{};
  socklen_t size = sizeof address;
  return ::getsockname(socket.get(), reinterpret_cast<sockaddr*>(&address), &size) == 0 ? ntohs(address.sin_port) : 0;
}

}  // namespace

Result<std::uint16_t> free_port() {
  const UniqueFd probe = tcp_socket();
  const sockaddr_in any = local_address(0);
  const bool bound = ::bind(probe.get(), reinterpret_cast<const sockaddr*>(&any), sizeof any) == 0;
  if (!bound || own_port(probe) == 0) {
    return fail(Errc::unavailable, "no free TCP port on {}: {}", local_host, std::strerror(errno));
  }
  return own_port(probe);
}

bool accepts_connections(std::uint16_t port) {
  const UniqueFd probe = tcp_socket();
  const sockaddr_in address = local_address(port);
  const bool at_once = ::connect(probe.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
  if (!at_once && errno != EINPROGRESS) return false;
  pollfd writable{probe.get(), POLLOUT, 0};  // On the loopback interface the handshake is over already.
  int error = 0;
  socklen_t size = sizeof error;
  if (::poll(&writable, 1, 0) != 1 || ::getsockopt(probe.get(), SOL_SOCKET, SO_ERROR, &error, &size) != 0) return false;
  return error == 0 && own_port(probe) != port;  // A socket that was given this very port has connected to itself.
}

}  // namespace gw::process
