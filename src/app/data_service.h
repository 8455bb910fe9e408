// The data plane's two halves behind one door: one server at a time, and all of them as one.
#pragma once

#include <string_view>

#include "federation/federation.h"
#include "proxy/proxy.h"

namespace gw::app {

// Belongs to one worker. Both services must outlive it.
class DataService final : public http::Service {
 public:
  DataService(proxy::Proxy& proxy, federation::Federation& federation) : proxy_(proxy), federation_(federation) {}

  static bool serves(std::string_view path);
  Task<Result<>> handle(http::Exchange& exchange) override;

 private:
  proxy::Proxy& proxy_;
  federation::Federation& federation_;
};

}  // namespace gw::app
