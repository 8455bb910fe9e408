// The supervised local HTTP servers as a runtime.
#pragma once

#include "control/runtime.h"
#include "process/supervisor.h"

namespace gw::control {

class ProcessRuntime final : public Runtime {
 public:
  // `supervisor` outlives it.
  explicit ProcessRuntime(process::Supervisor& supervisor) : supervisor_(supervisor) {}

  void apply(const model::Adapter& adapter) override { supervisor_.apply(adapter); }
  void remove(const std::string& name) override { supervisor_.remove(name); }
  std::vector<routing::Endpoint> endpoints(const model::Adapter& adapter) const override;
  std::vector<process::InstanceStatus> status(const std::string& name) const override {
    return supervisor_.status(name);
  }

 private:
  process::Supervisor& supervisor_;
};

// The endpoint of one process; it must be running.
routing::Endpoint endpoint_of(const process::InstanceStatus& instance, const std::string& path);

}  // namespace gw::control
