// One request of the REST API, as its handler sees it.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "audit/record.h"
#include "http/service.h"

namespace gw::control {

// Takes a record for the audit trail, or says why it cannot be kept. Empty: there is no trail.
using AuditHook = std::function<Result<>(audit::Record)>;

struct Call {
  http::Exchange& exchange;
  const AuditHook& audit;
  identity::PrincipalPtr caller;  // Never null.
  std::string name;               // What {name} or {id} in the path stands for.
  std::string body = {};          // The whole body, of routes that take JSON.

  std::string_view header(http::Name field) const { return exchange.request().fields.get(field); }
  std::optional<std::string> query(std::string_view parameter) const;
  // Numeric address, as the front saw it.
  std::string_view client() const { return header(http::Name::x_forwarded_for); }
};

}  // namespace gw::control
