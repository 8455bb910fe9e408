// Opening connections.
#pragma once

#include <memory>
#include <string>

#include "net/resolver.h"
#include "net/stream.h"
#include "net/tls.h"

namespace gw::net {

struct ConnectOptions {
  HostPort address;
  std::shared_ptr<const TlsContext> tls;  // Null: plain text.
  std::string tls_name;                   // Certificate name to require; empty: address.host.
  Duration timeout = std::chrono::seconds(5);
};

// Tries the addresses of the host in turn until one answers. Errc::unavailable when none does (the message says why),
// Errc::timeout when that took longer than `timeout`, Errc::upstream when the TLS handshake fails.
Task<Result<std::unique_ptr<Stream>>> connect(Resolver& resolver, ConnectOptions options);

}  // namespace gw::net
