// What an operator asks: probes, /status, /metrics, the status of an adapter, and the index of it all.
#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "auth/key_keeper.h"
#include "control/api.h"
#include "control/reconciler.h"
#include "control/reload.h"

namespace gw::control {

enum class Phase { starting, serving, draining };

// What the control plane as a whole is doing.
struct GatewayState {
  std::string version;
  WallTime started_at{};
  SteadyTime started{};
  Phase phase = Phase::starting;
};

// Members of an entry of "tools" in /status that say since when calls of the tool get no answer: "since", "attempts",
// "error". No members where nothing is known to be wrong. May be empty.
using ToolTrouble = std::function<boost::json::object(const std::string& tool)>;

class StatusApi {
 public:
  struct Sources {
    const GatewayState& gateway;
    Registry& registry;
    const Reconciler& reconciler;
    const Reload& reload;
    Runtime& processes;
    Runtime& stdio;
    std::function<std::string()> metrics;
    std::function<std::map<std::string, std::uint64_t>()> figures;
    std::function<std::vector<auth::IssuerKeys>()> issuers;  // May be empty, like `figures`.
    std::function<boost::json::object()> federation;         // The same.
    ToolTrouble tool_trouble;
  };
  // What the sources refer to outlives it.
  explicit StatusApi(Sources sources) : sources_(std::move(sources)) {}

  std::vector<ApiRoute> routes();

 private:
  Task<Answer> index(Call& call);
  Task<Answer> ping(Call& call);
  Task<Answer> healthz(Call& call);
  Task<Answer> readyz(Call& call);
  Task<Answer> status(Call& call);
  Task<Answer> metrics(Call& call);
  Task<Answer> adapter_status(Call& call);

  Sources sources_;
};

}  // namespace gw::control
