// Any text as a host, any bytes as an address: what is denied stays denied however it is written or wrapped.
#include <netinet/in.h>

#include <algorithm>
#include <cstdint>
#include <string>

#include "base/check.h"
#include "net/egress.h"

namespace gw::net {
namespace {

bool allowed(const EgressRules& rules, const unsigned char* address) {
  sockaddr_in6 v6{};
  v6.sin6_family = AF_INET6;
  std::copy(address, address + 16, v6.sin6_addr.s6_addr);
  return rules.check(SocketAddress(reinterpret_cast<const sockaddr*>(&v6), sizeof v6)).has_value();
}

std::string wrapped(std::string prefix, const unsigned char* v4) {
  return fmt::format("{}{:02x}{:02x}:{:02x}{:02x}", prefix, v4[0], v4[1], v4[2], v4[3]);
}

void check_ipv4(const EgressRules& rules, const unsigned char* v4) {
  const bool open = rules.check_host(fmt::format("{}.{}.{}.{}", v4[0], v4[1], v4[2], v4[3])).has_value();
  const std::uint32_t number = v4[0] << 24 | v4[1] << 16 | v4[2] << 8 | v4[3];
  const std::string notations[] = {fmt::format("{}", number),     fmt::format("{:#x}", number),
                                   fmt::format("{:#o}", number),  fmt::format("{:#x}.{}", v4[0], number & 0xffffff),
                                   wrapped("[::ffff:", v4) + "]", wrapped("64:ff9b::", v4),
                                   wrapped("2002:", v4) + "::1"};
  for (const std::string& notation : notations) GW_CHECK(rules.check_host(notation).has_value() == open, notation);
  GW_CHECK(open || !rules.check_host(wrapped("::", v4)).has_value());
}

}  // namespace
}  // namespace gw::net

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace gw::net;
  static const EgressRules plain;
  static const EgressRules open = *EgressRules::make({}, {}, true);
  static const EgressRules closed = *EgressRules::make({}, {"0.0.0.0/0", "::/0"}, true);
  const std::string host(reinterpret_cast<const char*>(data), size);
  if (plain.check_host(host)) GW_CHECK(open.check_host(host).has_value(), host);
  if (size >= 4) check_ipv4(plain, data);
  if (size >= 16) {
    GW_CHECK(!allowed(plain, data) || allowed(open, data));
    GW_CHECK(!allowed(closed, data));
  }
  return 0;
}
