#include "net/egress.h"

#include <netdb.h>
#include <sys/socket.h>

#include <algorithm>
#include <memory>
#include <optional>

namespace gw::net {
namespace {

// What may open a special block besides an entry of `allow` that covers the address.
enum class Opened {
  by_entry,         // Nothing else.
  by_private,       // EgressRules::allow_private.
  by_narrow_entry,  // Not even that: only an entry that is not wider than the block itself.
};

struct Special {
  AddressBlock block;
  const char* what;
  Opened opened;
};

// The special-purpose registries of IANA (RFC 6890 and what updates it), apart from what is globally reachable.
const std::vector<Special>& special_blocks() {
  static const std::vector<Special> blocks = [] {
    struct Row {
      const char* block;
      const char* what;
      Opened opened = Opened::by_entry;
    };
    constexpr auto by_private = Opened::by_private;
    constexpr auto by_narrow_entry = Opened::by_narrow_entry;
    const Row rows[] = {
        {"169.254.0.0/16", "link-local, where clouds keep their metadata", by_narrow_entry},
        {"fe80::/10", "link-local", by_narrow_entry},
        {"100.100.100.200", "a metadata service", by_narrow_entry},
        {"168.63.129.16", "a metadata service", by_narrow_entry},
        {"fd00:ec2::/32", "a metadata service", by_narrow_entry},
        {"fd20:ce::254", "a metadata service", by_narrow_entry},

        {"127.0.0.0/8", "loopback", by_private},
        {"::1", "loopback", by_private},
        {"10.0.0.0/8", "private", by_private},
        {"172.16.0.0/12", "private", by_private},
        {"192.168.0.0/16", "private", by_private},
        {"fc00::/7", "private", by_private},
        {"100.64.0.0/10", "shared address space", by_private},

        {"0.0.0.0/8", "unspecified"},
        {"192.0.0.0/24", "reserved for protocols"},
        {"192.0.2.0/24", "for documentation"},
        {"192.88.99.0/24", "reserved"},
        {"198.18.0.0/15", "for benchmarks"},
        {"198.51.100.0/24", "for documentation"},
        {"203.0.113.0/24", "for documentation"},
        {"224.0.0.0/4", "multicast"},
        {"255.255.255.255", "broadcast"},
        {"240.0.0.0/4", "reserved"},

        {"::", "unspecified"},
        {"ff00::/8", "multicast"},
        {"fec0::/10", "site-local"},
        {"2001:2::/48", "for benchmarks"},
        {"2001:10::/28", "an identifier and not an address"},
        {"2001:20::/28", "an identifier and not an address"},
        {"2001:db8::/32", "for documentation"},
        {"3fff::/20", "for documentation"},
    };
    std::vector<Special> made;
    for (const Row& row : rows) made.push_back({*AddressBlock::parse(row.block), row.what, row.opened});
    return made;
  }();
  return blocks;
}

// Apart from the special blocks. Of IPv6, IANA gives addresses out from 2000::/3; NAT64 is judged by what is inside.
bool is_public(const AddressBytes& address) {
  static const AddressBlock v4 = *AddressBlock::parse("::ffff:0:0/96");
  static const AddressBlock v6 = *AddressBlock::parse("2000::/3");
  static const AddressBlock nat64 = *AddressBlock::parse("64:ff9b::/96");
  return v4.contains(address) || v6.contains(address) || nat64.contains(address);
}

AddressBytes ipv4(const AddressBytes& from, std::size_t at, unsigned char flip = 0) {
  AddressBytes bytes{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
  for (std::size_t i = 0; i < 4; ++i) bytes[12 + i] = from[at + i] ^ flip;
  return bytes;
}

// The IPv4 addresses to which an IPv6 address leads. A mapped one is its IPv4 address already.
std::vector<AddressBytes> inner_addresses(const AddressBytes& address) {
  struct Blocks {
    AddressBlock nat64 = *AddressBlock::parse("64:ff9b::/96");          // RFC 6052
    AddressBlock local_nat64 = *AddressBlock::parse("64:ff9b:1::/48");  // RFC 8215, as /96
    AddressBlock compatible = *AddressBlock::parse("::/96");            // RFC 4291, section 2.5.5.1
    AddressBlock translated = *AddressBlock::parse("::ffff:0:0:0/96");  // RFC 2765
    AddressBlock six_to_four = *AddressBlock::parse("2002::/16");       // RFC 3056
    AddressBlock teredo = *AddressBlock::parse("2001::/32");            // RFC 4380
    AddressBlock loopback = *AddressBlock::parse("::1");
  };
  static const Blocks blocks;
  if (blocks.loopback.contains(address)) return {};
  for (const AddressBlock& block : {blocks.nat64, blocks.local_nat64, blocks.compatible, blocks.translated}) {
    if (block.contains(address)) return {ipv4(address, 12)};
  }
  if (blocks.six_to_four.contains(address)) return {ipv4(address, 2)};
  if (blocks.teredo.contains(address)) return {ipv4(address, 4), ipv4(address, 12, 0xff)};
  return {};
}

std::string text_of(const AddressBytes& address) {
  sockaddr_in6 v6{};
  v6.sin6_family = AF_INET6;
  std::copy(address.begin(), address.end(), v6.sin6_addr.s6_addr);
  return SocketAddress(reinterpret_cast<const sockaddr*>(&v6), sizeof v6).host();
}

std::optional<SocketAddress> numeric(std::string host) {
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  if (host.find(':') != std::string::npos) host = host.substr(0, host.find('%'));  // A zone changes no address.
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_NUMERICHOST;
  addrinfo* found = nullptr;
  if (::getaddrinfo(host.c_str(), nullptr, &hints, &found) != 0) return {};
  const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> guard(found, ::freeaddrinfo);
  return SocketAddress(found->ai_addr, found->ai_addrlen);
}

}  // namespace

Result<EgressRules> EgressRules::make(const std::vector<std::string>& allow, const std::vector<std::string>& deny,
                                      bool allow_private) {
  EgressRules rules;
  rules.allow_private_ = allow_private;
  for (const auto* list : {&allow, &deny}) {
    for (const std::string& text : *list) {
      GW_TRY(const AddressBlock block, AddressBlock::parse(text));
      rules.entries_.push_back({block, list == &allow});
    }
  }
  return rules;
}

const EgressRules::Entry* EgressRules::longest_entry(const AddressBytes& address) const {
  const Entry* longest = nullptr;
  for (const Entry& entry : entries_) {
    if (!entry.block.contains(address)) continue;
    const int more = longest == nullptr ? 1 : entry.block.bits() - longest->block.bits();
    if (more > 0 || (more == 0 && !entry.allow)) longest = &entry;
  }
  return longest;
}

std::string EgressRules::reason_against(const AddressBytes& address) const {
  const Entry* entry = longest_entry(address);
  if (entry != nullptr && !entry->allow) return "in a block of egress.deny";
  for (const Special& special : special_blocks()) {
    if (!special.block.contains(address)) continue;
    if (special.opened == Opened::by_private && allow_private_) return {};
    if (entry == nullptr) {
      return fmt::format("{}; {} allows it", special.what,
                         special.opened == Opened::by_private ? "egress.allow or egress.allowPrivate" : "egress.allow");
    }
    if (special.opened != Opened::by_narrow_entry || entry->block.within(special.block)) return {};
    return fmt::format("{}; a narrower block of egress.allow allows it", special.what);
  }
  if (entry != nullptr || is_public(address)) return {};
  return "reserved; egress.allow allows it";
}

Result<> EgressRules::check(const SocketAddress& address) const {
  if (address.family() != AF_INET && address.family() != AF_INET6) {
    return fail(Errc::forbidden, "only IPv4 and IPv6 addresses may be connected to");
  }
  const AddressBytes bytes = address.bytes();
  const std::string against = reason_against(bytes);
  if (!against.empty()) return fail(Errc::forbidden, "the address {} is {}", text_of(bytes), against);
  for (const AddressBytes& inner : inner_addresses(bytes)) {
    const std::string inside = reason_against(inner);
    if (inside.empty()) continue;
    return fail(Errc::forbidden, "the address {} leads to {}, which is {}", text_of(bytes), text_of(inner), inside);
  }
  return {};
}

Result<> EgressRules::check_host(std::string_view host) const {
  const auto address = numeric(std::string(host));
  return address ? check(*address) : Result<>();
}

}  // namespace gw::net
