// The data plane's two halves behind one door: one server at a time, and all of them as one.
#pragma once

#include <string_view>

#include "federation/federation.h"
#include "proxy/proxy.h"

namespace gw::app {

// Belongs to one worker. Everything given must outlive it. With `routers`, those answer what is about all servers.
class DataService final : public http::Service {
 public:
  DataService(proxy::Proxy& proxy, federation::Federation& federation, proxy::Routers* routers)
      : proxy_(proxy), federation_(federation), routers_(routers) {}

  static bool serves(std::string_view path);
  Task<Result<>> handle(http::Exchange& exchange) override;

 private:
  proxy::Proxy& proxy_;
  federation::Federation& federation_;
  proxy::Routers* const routers_;
};

}  // namespace gw::app
