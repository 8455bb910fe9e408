// Opening connections.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "net/egress.h"
#include "net/resolver.h"
#include "net/stream.h"
#include "net/tls.h"

namespace gw::net {

struct ConnectOptions {
  HostPort address;
  std::shared_ptr<const TlsContext> tls;       // Null: plain text.
  std::string tls_name;                        // Certificate name to require; empty: address.host.
  Duration timeout = std::chrono::seconds(5);  // For all of it: looking the name up, connecting, the TLS handshake.
  std::shared_ptr<const EgressRules> egress;   // Null: any address.
};

// Tries the addresses of the host in turn until one answers; each but the last has half of the time that is left. Each
// is checked as it is connected to, so a name that resolves to something else the next time changes nothing; denied
// ones are passed over.
// Errc::unavailable when none answers (the message says why), Errc::forbidden when all are denied (with the sentence of
// EgressRules::check), Errc::timeout when it took longer than `timeout`, Errc::upstream when the TLS handshake fails.
Task<Result<std::unique_ptr<Stream>>> connect(Resolver& resolver, ConnectOptions options);

// The same with the addresses of `options.address.host`, of which there is at least one.
Task<Result<std::unique_ptr<Stream>>> connect(std::vector<SocketAddress> addresses, ConnectOptions options);

}  // namespace gw::net
