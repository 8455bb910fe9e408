// Requests for the control plane, which runs on a loop of its own and is reached like a server.
#pragma once

#include "http/service.h"
#include "upstream/pool.h"

namespace gw::front {

// Belongs to one worker. Passes requests and answers through as they are, with X-Forwarded-For as the only addition.
class InternalRelay final : public http::Service {
 public:
  InternalRelay(upstream::Pool& pool, std::shared_ptr<net::InprocListener> listener);
  Task<Result<>> handle(http::Exchange& exchange) override;

 private:
  Task<Result<>> send(http::Exchange& exchange, http::ClientConnection& upstream);

  upstream::Pool& pool_;
  routing::Endpoint endpoint_;
};

}  // namespace gw::front
