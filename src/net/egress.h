// Which addresses the gateway connects to for somebody else: for URLs that users, tokens and servers can name (server-
// side request forgery, section 5 of RFC 9700 and the protocol's security best practices).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "net/address.h"

namespace gw::net {

// Immutable and thread-safe. The default rules deny every address that is not a public unicast one: private (RFC 1918,
// RFC 4193), shared (RFC 6598), loopback, link-local with the metadata services of the clouds, multicast, broadcast,
// unspecified, documentation and reserved ones, in IPv4, IPv6, and IPv4 inside of IPv6 (mapped, compatible, NAT64,
// 6to4, Teredo), where the address and what is inside of it must both be allowed.
class EgressRules {
 public:
  EgressRules() = default;
  // `allow` and `deny` are address blocks, looked at before the default: the longer block wins, deny when they are
  // equally long. `allow_private` lets private, shared and loopback addresses pass; link-local ones and the metadata
  // services (also 100.100.100.200, 168.63.129.16, fd00:ec2::/32, fd20:ce::254) stay denied unless a block of `allow`
  // names them or a part of them: a block that is wider, such as 0.0.0.0/0, does not.
  // Errc::invalid for what is no block.
  static Result<EgressRules> make(const std::vector<std::string>& allow, const std::vector<std::string>& deny,
                                  bool allow_private);

  // Errc::forbidden with a sentence that names the address, why, and the option that would allow it.
  Result<> check(const SocketAddress& address) const;
  // For a host in a URL as it is written, with or without brackets: numeric hosts, in every notation that a resolver
  // would understand (0x7f.1, 2130706433, 017700000001, [::ffff:7f00:1]), are checked now; names are checked when they
  // resolve. Does not block.
  Result<> check_host(std::string_view host) const;

  bool operator==(const EgressRules&) const = default;

 private:
  struct Entry {
    AddressBlock block;
    bool allow = false;
    bool operator==(const Entry&) const = default;
  };
  const Entry* longest_entry(const AddressBytes& address) const;
  // Why `address` is denied, without regard to what may be inside of it; empty when it is not.
  std::string reason_against(const AddressBytes& address) const;

  std::vector<Entry> entries_;
  bool allow_private_ = false;
};

}  // namespace gw::net
