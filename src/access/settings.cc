#include "access/settings.h"

#include <algorithm>

#include "base/strings.h"

namespace gw::access {
namespace {

// Some proxies write the port, too: "192.0.2.7:4711" or "[2001:db8::7]:4711".
std::string_view without_port(std::string_view hop) {
  if (hop.starts_with('[')) return hop.substr(1, hop.find(']') - 1);
  const auto colon = hop.find(':');
  return colon == hop.rfind(':') ? hop.substr(0, colon) : hop;
}

}  // namespace

bool is_trusted_proxy(const std::vector<net::AddressBlock>& proxies, std::string_view address) {
  return std::ranges::any_of(proxies, [&](const net::AddressBlock& block) { return block.contains(address); });
}

std::string_view client_address(const Settings& settings, const http::Exchange& exchange) {
  if (!exchange.client.empty()) return exchange.client;
  const std::string& peer = exchange.peer().address;
  if (settings.trusted_proxies.empty() || !is_trusted_proxy(settings.trusted_proxies, peer)) return peer;
  // The last address that no trusted proxy has: everything before it could be invented.
  std::string_view client = peer;
  bool found = false;
  const auto fields = exchange.request().fields.all();
  for (auto field = fields.rbegin(); field != fields.rend() && !found; ++field) {
    if (field->known != http::Name::x_forwarded_for) continue;
    const auto hops = split_list(field->value, ',');
    for (auto hop = hops.rbegin(); hop != hops.rend() && !found; ++hop) {
      const std::string_view address = without_port(*hop);
      found = !is_trusted_proxy(settings.trusted_proxies, address);
      if (found) client = address;
    }
  }
  return client;
}

}  // namespace gw::access
