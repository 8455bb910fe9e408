// What the whole program shares about access: opened at the start, declared by the configuration.
#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "access/publisher.h"
#include "audit/trail.h"
#include "auth/identity_signer.h"
#include "config/defaults.h"
#include "config/options.h"
#include "limits/limiter.h"
#include "net/egress.h"
#include "proxy/tool_hints.h"

namespace gw::app {

// What the configuration and the environment (OAUTH_*, TRUSTED_HEADER_PUBLIC_KEY) say about access. `origin` counts
// where the configuration names none.
access::Declared declared_access(const config::Options& options, const config::Environment& environment,
                                 const std::string& origin);

// Null when URLs may lead anywhere.
Result<std::shared_ptr<const net::EgressRules>> egress_rules(const config::Options& options);

struct SharedAccessParts {
  auth::IdentityKey identity_key;
  std::unique_ptr<audit::Trail> trail;  // Null when the audit is off.
  limits::Limiter limiter;
  proxy::ToolHints hints;
};

Result<std::unique_ptr<SharedAccessParts>> open_access(const config::Options& options);

}  // namespace gw::app
