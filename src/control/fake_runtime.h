// For tests: a runtime in which a test says what runs.
#pragma once

#include <algorithm>
#include <map>
#include <set>

#include "control/process_runtime.h"

namespace gw::control {

class FakeRuntime final : public Runtime {
 public:
  explicit FakeRuntime(bool stdio) : stdio_(stdio) {}

  void apply(const model::Adapter& adapter) override {
    const auto& spec = adapter.spec;
    const bool mine = spec.command && (spec.transport == model::Transport::stdio) == stdio_;
    if (mine && spec.enabled) {
      applied.insert(spec.name);
    } else {
      applied.erase(spec.name);
    }
  }
  void remove(const std::string& name) override {
    applied.erase(name);
    removed.insert(name);
  }
  std::vector<routing::Endpoint> endpoints(const model::Adapter& adapter) const override {
    std::vector<routing::Endpoint> endpoints;
    for (const auto& instance : status(adapter.spec.name)) {
      if (instance.state <= process::InstanceState::draining && instance.state != process::InstanceState::starting) {
        endpoints.push_back(endpoint_of(instance, adapter.spec.command->path));
      }
    }
    return endpoints;
  }
  std::vector<process::InstanceStatus> status(const std::string& name) const override {
    const auto found = running.find(name);
    return found == running.end() ? std::vector<process::InstanceStatus>{} : found->second;
  }

  std::map<std::string, std::vector<process::InstanceStatus>> running;
  std::set<std::string> applied;
  std::set<std::string> removed;

 private:
  const bool stdio_;
};

inline process::InstanceStatus instance_in(process::InstanceState state, std::string endpoint,
                                           std::uint32_t instance = 0) {
  process::InstanceStatus status;
  status.instance = instance;
  status.endpoint_id = std::move(endpoint);
  status.state = state;
  status.port = static_cast<std::uint16_t>(4000 + instance);
  status.pid = static_cast<pid_t>(100 + instance);
  return status;
}

}  // namespace gw::control
