// What runs the servers of one kind of adapter, as the control plane sees it: local HTTP processes, stdio servers.
#pragma once

#include <string>
#include <vector>

#include "model/adapter.h"
#include "process/instance_status.h"
#include "routing/route.h"

namespace gw::control {

// All methods on the control loop; none waits. Whoever implements it tells ControlPlane::instances_changed() about
// changes that nobody asked for.
class Runtime {
 public:
  virtual ~Runtime() = default;

  // Makes what runs match the adapter, now and from now on. Called for every adapter and each change of one: an adapter
  // that is disabled, or not of this runtime's kind, keeps nothing running here.
  virtual void apply(const model::Adapter& adapter) = 0;
  // Stops everything of that name, politely. Unknown names are ignored.
  virtual void remove(const std::string& name) = 0;

  // What the data plane may connect to now. Endpoints on their way out stay in the list, not ready, until they are
  // gone.
  virtual std::vector<routing::Endpoint> endpoints(const model::Adapter& adapter) const = 0;
  // Everything that runs, should run, or is on its way out, by instance.
  virtual std::vector<process::InstanceStatus> status(const std::string& name) const = 0;
};

}  // namespace gw::control
