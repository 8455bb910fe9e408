#include "tools/same_server.h"

namespace gw::tools {
namespace {

bool is_process(const routing::AdapterRoute& route) {
  return route.endpoints.empty() || route.endpoints.front().is_process;
}

}  // namespace

bool same_server(const routing::AdapterRoute& before, const routing::AdapterRoute& now) {
  if (before.uid != now.uid || before.tool != now.tool) return false;
  return (is_process(before) && is_process(now)) || before.endpoints == now.endpoints;
}

}  // namespace gw::tools
