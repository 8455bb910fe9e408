// Requests for the control plane, which runs on a loop of its own and is reached like a server.
#pragma once

#include <functional>
#include <string>

#include "http/service.h"
#include "upstream/pool.h"

namespace gw::front {

// Belongs to one worker. Passes requests and answers through as they are, except that it says itself where they come
// from (X-Forwarded-For), what they are called (X-Request-Id) and who asks (X-Gateway-Caller: identity::to_text of
// Exchange::caller, absent where there is none). What clients show the front to be recognized does not travel.
class InternalRelay final : public http::Service {
 public:
  // The numeric address of the client, which trusted proxies may know better than the connection.
  using ClientOf = std::function<std::string(const http::Exchange&)>;

  InternalRelay(upstream::Pool& pool, std::shared_ptr<net::InprocListener> listener, ClientOf client_of);
  Task<Result<>> handle(http::Exchange& exchange) override;

 private:
  Task<Result<>> send(http::Exchange& exchange, http::ClientConnection& upstream);

  upstream::Pool& pool_;
  ClientOf client_of_;
  routing::Endpoint endpoint_;
};

}  // namespace gw::front
