// The first service that sees a request: who may ask at all, what the request is called, and who answers it.
#pragma once

#include <functional>
#include <string>

#include "access/access.h"
#include "base/counter.h"
#include "base/secret_string.h"
#include "front/origin_guard.h"
#include "http/service.h"

namespace gw::front {

struct FrontCounters {
  Counter forbidden;  // By Host or Origin.
};

// On a router: the paths that gateways ask for and nobody else, and how they show that they are ours. Their requests
// are held against neither Host nor Origin, which the gateway has looked at.
struct ForGateways {
  bool (*paths)(std::string_view path) = nullptr;
  SecretString secret;
};

// Belongs to one worker.
class Front final : public http::Service {
 public:
  using Matches = bool (*)(std::string_view path);

  // Requests whose path `is_data` go to `data`, all others to `control`; both only once it is known who asks.
  // `for_gateways` is null where clients ask for everything themselves; else it outlives this.
  Front(OriginGuard guard, access::Access& access, Matches is_data, http::Service& data, http::Service& control,
        const ForGateways* for_gateways, FrontCounters& counters);
  Task<Result<>> handle(http::Exchange& exchange) override;

 private:
  void name_request(http::Exchange& exchange);
  Task<Result<>> serve_gateway(http::Exchange& exchange);
  Task<Result<>> serve_control(http::Exchange& exchange);
  Task<Result<>> refuse(http::Exchange& exchange, Error error);

  OriginGuard guard_;
  access::Access& access_;
  Matches is_data_;
  http::Service& data_;
  http::Service& control_;
  const ForGateways* const for_gateways_;
  FrontCounters& counters_;
  std::uint64_t next_id_;
};

}  // namespace gw::front
