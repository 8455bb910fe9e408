#include "control/process_runtime.h"

namespace gw::control {

using process::InstanceState;

std::vector<routing::Endpoint> ProcessRuntime::endpoints(const model::Adapter& adapter) const {
  std::vector<routing::Endpoint> endpoints;
  if (!adapter.spec.command) return endpoints;
  for (const process::InstanceStatus& instance : supervisor_.status(adapter.spec.name)) {
    const bool serves = instance.state == InstanceState::ready || instance.state == InstanceState::draining;
    if (serves && instance.port != 0) endpoints.push_back(endpoint_of(instance, adapter.spec.command->path));
  }
  return endpoints;
}

routing::Endpoint endpoint_of(const process::InstanceStatus& instance, const std::string& path) {
  routing::Endpoint endpoint;
  endpoint.id = instance.endpoint_id;
  endpoint.instance = instance.instance;
  endpoint.ready = instance.state == InstanceState::ready;
  endpoint.is_process = true;
  endpoint.address = {"127.0.0.1", instance.port};
  endpoint.host = net::to_string(endpoint.address);
  endpoint.path = path;
  return endpoint;
}

}  // namespace gw::control
