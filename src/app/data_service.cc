#include "app/data_service.h"

namespace gw::app {

bool DataService::serves(std::string_view path) {
  return proxy::Proxy::serves(path) || federation::Federation::serves(path);
}

Task<Result<>> DataService::handle(http::Exchange& exchange) {
  if (federation::Federation::serves(exchange.request().path)) return federation_.handle(exchange);
  return proxy_.handle(exchange);
}

}  // namespace gw::app
