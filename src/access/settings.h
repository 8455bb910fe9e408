// Everything by which access is decided: one immutable value, replaced as a whole.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "auth/authenticator.h"
#include "http/service.h"
#include "net/address.h"
#include "policy/policy.h"

namespace gw::access {

struct Settings {
  auth::StatePtr auth;  // Never null.
  policy::Policy policy;
  std::string origin;                              // "https://gw.example.org": how clients reach the gateway.
  std::vector<net::AddressBlock> trusted_proxies;  // Whose Forwarded and X-Forwarded-* fields are believed.
};
using SettingsPtr = std::shared_ptr<const Settings>;

// The client's address: what a gateway in front says (Exchange::client), else the peer's, or behind trusted proxies the last one in X-Forwarded-For that is none of them,
// without its port. Borrows from the exchange's request.
std::string_view client_address(const Settings& settings, const http::Exchange& exchange);
bool is_trusted_proxy(const std::vector<net::AddressBlock>& proxies, std::string_view address);

}  // namespace gw::access
