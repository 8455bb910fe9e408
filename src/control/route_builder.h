// From an adapter to the route that the data plane follows.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>

#include "control/runtime.h"
#include "model/adapter.h"
#include "model/reference.h"
#include "net/egress.h"
#include "net/tls.h"
#include "routing/route.h"

namespace gw::control {

struct BuiltRoute {
  routing::AdapterRoute route;
  // Why the adapter cannot be reached as it is declared: a reference that leads nowhere, certificates that cannot be
  // read. Such things may mend themselves. For operators; the route says less.
  std::optional<Error> problem;
};

// On the control loop. Reads the files that references and `caFile` name, which are small and local.
class RouteBuilder {
 public:
  // `egress` says where URLs of adapters that were made through the API may lead; null: anywhere.
  RouteBuilder(Runtime& processes, Runtime& stdio, model::ReferenceSources references,
               std::shared_ptr<const net::EgressRules> egress)
      : processes_(processes), stdio_(stdio), references_(std::move(references)), egress_(std::move(egress)) {}

  // `previous` is what was published last, or null: an endpoint that runs keeps the path that it was started with.
  BuiltRoute build(const model::Adapter& adapter, const routing::AdapterRoute* previous);

  // Certificates are read again when they are needed next.
  void forget_certificates() { contexts_.clear(); }

 private:
  void add_processes(Runtime& runtime, const model::Adapter& adapter, const routing::AdapterRoute* previous,
                     routing::AdapterRoute& route);
  Result<> add_remote_endpoint(const model::Adapter& adapter, routing::AdapterRoute& route);
  Result<> add_headers(const model::UrlSource& source, routing::AdapterRoute& route) const;
  Result<std::shared_ptr<const net::TlsContext>> tls_context(const model::UrlSource& source);

  Runtime& processes_;
  Runtime& stdio_;
  model::ReferenceSources references_;
  std::shared_ptr<const net::EgressRules> egress_;
  std::map<std::string, std::shared_ptr<const net::TlsContext>> contexts_;  // By what is trusted.
};

// Which runtime the adapter belongs to; null for a URL or an image.
Runtime* runtime_of(const model::AdapterSpec& spec, Runtime& processes, Runtime& stdio);

}  // namespace gw::control
