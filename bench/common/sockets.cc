#include "bench/common/sockets.h"

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <stdexcept>
#include <system_error>

namespace gw::bench {
namespace {

constexpr std::size_t kConnectionsPerSource = 20'000;

sockaddr_in to_sockaddr(const Address& address) {
  sockaddr_in result{.sin_family = AF_INET, .sin_port = htons(address.port)};
  if (::inet_pton(AF_INET, address.host.c_str(), &result.sin_addr) != 1) {
    throw std::invalid_argument("'" + address.host + "' is not an IPv4 address such as 127.0.0.1");
  }
  return result;
}

void set_option(const Fd& socket, int level, int option, int value) {
  check_call(::setsockopt(socket.get(), level, option, &value, sizeof value), "setsockopt");
}

void bind_source(const Fd& socket, std::size_t index) {
  const auto host = "127.0.0." + std::to_string(1 + index / kConnectionsPerSource);
  const sockaddr_in source = to_sockaddr({.host = host});
  set_option(socket, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, 1);
  check_call(::bind(socket.get(), reinterpret_cast<const sockaddr*>(&source), sizeof source), "bind");
}

}  // namespace

int check_call(int result, const char* what) {
  if (result < 0) throw std::system_error(errno, std::system_category(), what);
  return result;
}

Address parse_address(const std::string& text) {
  const auto colon = text.rfind(':');
  if (colon == std::string::npos) throw std::invalid_argument("'" + text + "' must be HOST:PORT");
  const int port = std::stoi(text.substr(colon + 1));
  if (port < 0 || port > 65535) throw std::invalid_argument("'" + text + "' has a port above 65535");
  return {.host = text.substr(0, colon), .port = static_cast<std::uint16_t>(port)};
}

Fd listen_on(const Address& address) {
  Fd socket(check_call(::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), "socket"));
  set_option(socket, SOL_SOCKET, SO_REUSEADDR, 1);
  const sockaddr_in name = to_sockaddr(address);
  check_call(::bind(socket.get(), reinterpret_cast<const sockaddr*>(&name), sizeof name), "bind");
  check_call(::listen(socket.get(), 4096), "listen");
  return socket;
}

std::uint16_t local_port(const Fd& socket) {
  sockaddr_in name{};
  socklen_t size = sizeof name;
  check_call(::getsockname(socket.get(), reinterpret_cast<sockaddr*>(&name), &size), "getsockname");
  return ntohs(name.sin_port);
}

Fd connect_to(const Address& address, std::size_t index, int receive_buffer) {
  Fd socket(check_call(::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), "socket"));
  set_no_delay(socket);
  if (receive_buffer > 0) set_option(socket, SOL_SOCKET, SO_RCVBUF, receive_buffer);
  if (index >= kConnectionsPerSource && address.host.starts_with("127.")) bind_source(socket, index);
  const sockaddr_in name = to_sockaddr(address);
  const int result = ::connect(socket.get(), reinterpret_cast<const sockaddr*>(&name), sizeof name);
  if (result < 0 && errno != EINPROGRESS) check_call(result, "connect");
  return socket;
}

void set_no_delay(const Fd& socket) {
  set_option(socket, IPPROTO_TCP, TCP_NODELAY, 1);
}

std::size_t raise_descriptor_limit(std::size_t wanted) {
  rlimit limit{};
  check_call(::getrlimit(RLIMIT_NOFILE, &limit), "getrlimit");
  rlimit raised{.rlim_cur = wanted, .rlim_max = std::max<rlim_t>(limit.rlim_max, wanted)};
  if (::setrlimit(RLIMIT_NOFILE, &raised) == 0) return wanted;
  raised = {.rlim_cur = std::min<rlim_t>(limit.rlim_max, wanted), .rlim_max = limit.rlim_max};
  check_call(::setrlimit(RLIMIT_NOFILE, &raised), "setrlimit");
  return raised.rlim_cur;
}

}  // namespace gw::bench
