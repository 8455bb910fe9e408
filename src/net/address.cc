#include "net/address.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <cstring>

#include "base/strings.h"

namespace gw::net {
namespace {

constexpr unsigned char mapped_prefix[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

AddressBytes mapped(const in_addr& v4) {
  AddressBytes bytes;
  std::memcpy(bytes.data(), mapped_prefix, 12);
  std::memcpy(bytes.data() + 12, &v4, 4);
  return bytes;
}

bool is_mapped(const AddressBytes& bytes) {
  return std::memcmp(bytes.data(), mapped_prefix, 12) == 0;
}

bool to_bytes(std::string_view host, AddressBytes& bytes, bool* is_v4 = nullptr) {
  char text[INET6_ADDRSTRLEN] = "";
  if (host.size() >= sizeof text || host.find('\0') != std::string_view::npos) return false;
  host.copy(text, host.size());
  in_addr v4;
  const bool dotted = ::inet_pton(AF_INET, text, &v4) == 1;
  if (is_v4 != nullptr) *is_v4 = dotted;
  if (dotted) bytes = mapped(v4);
  return dotted || ::inet_pton(AF_INET6, text, bytes.data()) == 1;
}

}  // namespace

Result<HostPort> parse_host_port(std::string_view text) {
  const auto wrong = [&] {
    return fail(Errc::invalid, "'{}' is not an address; write host:port, for example 127.0.0.1:8000 or [::1]:8000",
                printable(text));
  };
  const auto colon = text.rfind(':');
  if (colon == std::string_view::npos) return wrong();
  std::string_view host = text.substr(0, colon);
  const auto port = parse_unsigned(text.substr(colon + 1));
  if (!port || *port > 65535 || host.empty()) return wrong();
  if (host.front() == '[' && host.back() == ']') {
    host = host.substr(1, host.size() - 2);
  } else if (host.find(':') != std::string_view::npos) {
    return wrong();
  }
  return HostPort{std::string(host), static_cast<std::uint16_t>(*port)};
}

std::string to_string(const HostPort& address) {
  const bool v6 = address.host.find(':') != std::string::npos;
  return v6 ? fmt::format("[{}]:{}", address.host, address.port) : fmt::format("{}:{}", address.host, address.port);
}

SocketAddress::SocketAddress(const sockaddr* address, socklen_t length) : length_(length) {
  std::memcpy(&storage_, address, length);
}

std::optional<SocketAddress> SocketAddress::from_numeric(const std::string& host, std::uint16_t port) {
  sockaddr_in v4{};
  if (::inet_pton(AF_INET, host.c_str(), &v4.sin_addr) == 1) {
    v4.sin_family = AF_INET;
    v4.sin_port = htons(port);
    return SocketAddress(reinterpret_cast<sockaddr*>(&v4), sizeof v4);
  }
  sockaddr_in6 v6{};
  if (::inet_pton(AF_INET6, host.c_str(), &v6.sin6_addr) == 1) {
    v6.sin6_family = AF_INET6;
    v6.sin6_port = htons(port);
    return SocketAddress(reinterpret_cast<sockaddr*>(&v6), sizeof v6);
  }
  return {};
}

std::uint16_t SocketAddress::port() const {
  if (family() == AF_INET) return ntohs(reinterpret_cast<const sockaddr_in*>(&storage_)->sin_port);
  if (family() == AF_INET6) return ntohs(reinterpret_cast<const sockaddr_in6*>(&storage_)->sin6_port);
  return 0;
}

std::string SocketAddress::host() const {
  char text[INET6_ADDRSTRLEN] = "";
  if (family() == AF_INET) {
    ::inet_ntop(AF_INET, &reinterpret_cast<const sockaddr_in*>(&storage_)->sin_addr, text, sizeof text);
  } else if (family() == AF_INET6) {
    const in6_addr& v6 = reinterpret_cast<const sockaddr_in6*>(&storage_)->sin6_addr;
    if (IN6_IS_ADDR_V4MAPPED(&v6)) {
      ::inet_ntop(AF_INET, v6.s6_addr + 12, text, sizeof text);
    } else {
      ::inet_ntop(AF_INET6, &v6, text, sizeof text);
    }
  }
  return text;
}

bool SocketAddress::loopback() const {
  return is_loopback_host(host());
}

AddressBytes SocketAddress::bytes() const {
  AddressBytes bytes{};
  if (family() == AF_INET) return mapped(reinterpret_cast<const sockaddr_in*>(&storage_)->sin_addr);
  if (family() == AF_INET6) {
    std::memcpy(bytes.data(), &reinterpret_cast<const sockaddr_in6*>(&storage_)->sin6_addr, bytes.size());
  }
  return bytes;
}

Result<AddressBlock> AddressBlock::parse(std::string_view text) {
  AddressBlock block;
  const auto slash = text.find('/');
  bool v4 = false;
  const bool good = to_bytes(text.substr(0, slash), block.bytes_, &v4);
  std::optional<std::uint64_t> bits = v4 ? 32 : 128;
  if (slash != std::string_view::npos) bits = parse_unsigned(text.substr(slash + 1));
  if (!good || !bits || *bits > (v4 ? 32u : 128u)) {
    return fail(Errc::invalid, "'{}' is not an address block; write for example 10.0.0.0/8, fd00::/8 or 192.0.2.7",
                printable(text));
  }
  block.bits_ = static_cast<int>(*bits) + (v4 ? 96 : 0);
  return block;
}

bool AddressBlock::contains(std::string_view numeric_host) const {
  AddressBytes bytes;
  return to_bytes(numeric_host, bytes) && contains(bytes);
}

bool AddressBlock::contains(const AddressBytes& address) const {
  if (is_mapped(address) && bits_ < 96) return false;
  const auto whole = static_cast<std::size_t>(bits_ / 8);
  if (std::memcmp(address.data(), bytes_.data(), whole) != 0) return false;
  const int rest = bits_ % 8;
  return rest == 0 || ((address[whole] ^ bytes_[whole]) >> (8 - rest)) == 0;
}

bool is_loopback_host(std::string_view host) {
  if (iequals(host, "localhost")) return true;
  AddressBytes bytes;
  if (!to_bytes(host, bytes)) return false;
  if (is_mapped(bytes)) return bytes[12] == 127;
  return std::memcmp(bytes.data(), &in6addr_loopback, bytes.size()) == 0;
}

}  // namespace gw::net
