// Defence against web pages that talk to a gateway on the visitor's machine: DNS rebinding shows in Host, cross-site
// requests in Origin. MCP 2025-11-25 and 2026-07-28, "Security warning" of the transports.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "http/head.h"

namespace gw::front {

struct OriginOptions {
  bool loopback_only = true;                 // Every listening address is a loopback address.
  std::vector<std::string> allowed_hosts;    // Names that clients may use, without port; "*" for any.
  std::vector<std::string> allowed_origins;  // "https://app.example.org"; "*" for any.
};

// Belongs to one worker.
class OriginGuard {
 public:
  explicit OriginGuard(OriginOptions options) : options_(std::move(options)) {}

  // Errc::forbidden with what to configure. Without allowed hosts, a gateway on loopback answers to loopback names only
  // and any other to every name. An Origin is good when it is allowed, a loopback one while the gateway is on loopback,
  // or the very host that was allowed.
  Result<> check(const http::RequestHead& request) const;

  // "Name: value\r\n" lines that let the page at `origin`, which has passed check(), read the answer (Fetch, CORS).
  static std::string cors_fields(std::string_view origin);
  static std::string preflight_fields();

 private:
  bool host_allowed(std::string_view host) const;

  OriginOptions options_;
  mutable std::string good_host_;  // The last Host that passed: clients repeat themselves.
};

}  // namespace gw::front
