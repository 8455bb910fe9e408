#include "app/data_service.h"

namespace gw::app {

bool DataService::serves(std::string_view path) {
  return proxy::Proxy::serves(path) || federation::Federation::serves(path);
}

Task<Result<>> DataService::handle(http::Exchange& exchange) {
  if (!federation::Federation::serves(exchange.request().path)) return proxy_.handle(exchange);
  return routers_ != nullptr ? proxy_.pass_on(exchange, *routers_) : federation_.handle(exchange);
}

}  // namespace gw::app
