// Network addresses as people write them.
#pragma once

#include <sys/socket.h>

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"

namespace gw::net {

// "127.0.0.1:8000", "[::1]:8000", "example.org:443".
struct HostPort {
  std::string host;  // Without brackets.
  std::uint16_t port = 0;

  bool operator==(const HostPort&) const = default;
};

// Errc::invalid with a sentence that shows the accepted forms.
Result<HostPort> parse_host_port(std::string_view text);
std::string to_string(const HostPort& address);

// In network order; IPv4 in its IPv6-mapped form.
using AddressBytes = std::array<unsigned char, 16>;

// A numeric socket address, IPv4 or IPv6.
class SocketAddress {
 public:
  SocketAddress() = default;
  SocketAddress(const sockaddr* address, socklen_t length);
  // Nothing unless `host` is a numeric address.
  static std::optional<SocketAddress> from_numeric(const std::string& host, std::uint16_t port);

  const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&storage_); }
  socklen_t length() const { return length_; }
  int family() const { return storage_.ss_family; }
  std::uint16_t port() const;
  std::string host() const;  // Numeric, without brackets. IPv4 addresses mapped into IPv6 are shown as IPv4.
  bool loopback() const;
  AddressBytes bytes() const;  // All zero for a default-constructed one.

 private:
  sockaddr_storage storage_{};
  socklen_t length_ = 0;
};

// A block of addresses, "10.0.0.0/8", "fd00::/8"; a bare address is a block of one. Blocks of one family have no
// addresses of the other: "::/0" is all of IPv6.
class AddressBlock {
 public:
  static Result<AddressBlock> parse(std::string_view text);
  bool contains(std::string_view numeric_host) const;
  bool contains(const AddressBytes& address) const;
  // How many leading bits of an AddressBytes its addresses have in common.
  int bits() const { return bits_; }
  bool within(const AddressBlock& other) const { return bits_ >= other.bits_ && other.contains(bytes_); }
  bool operator==(const AddressBlock&) const = default;

 private:
  AddressBytes bytes_{};
  int bits_ = 128;
};

// Whether `host` is localhost or a loopback address.
bool is_loopback_host(std::string_view host);

}  // namespace gw::net
