#include "app/stdio_runtime.h"

#include <fmt/core.h>

#include "runtime/random.h"

namespace gw::app {
namespace {

// Whether what runs for one serves the other just as well: what only describes an adapter does not end its sessions.
bool runs_alike(const model::AdapterSpec& a, const model::AdapterSpec& b) {
  return a.command == b.command && a.environment == b.environment && a.sharing == b.sharing &&
         a.replica_count == b.replica_count && a.limits == b.limits;
}

}  // namespace

// The bridge, the server in front of it, and where that listens. The server goes first: its exchanges use the bridge.
struct StdioRuntime::Replica {
  process::InstanceStatus status;
  std::unique_ptr<stdio::ProcessStarter> starter;
  std::unique_ptr<stdio::Bridge> bridge;
  std::unique_ptr<http::Server> server;
  std::shared_ptr<net::InprocListener> listener;

  process::InstanceStatus status_now() const {
    process::InstanceStatus now = status;
    if (bridge == nullptr) return now;
    const stdio::Health health = bridge->health();
    now.state = health.state;
    now.last_error = health.last_error;
    now.restarts = health.restarts;
    if (health.started_at != WallTime()) now.started_at = health.started_at;
    return now;
  }
};

StdioRuntime::StdioRuntime(Loop& loop, process::Launcher& launcher, process::LogBook& logs,
                           process::SpawnDefaults defaults, Duration keep_alive_interval,
                           std::function<void(const std::string&)> on_change)
    : loop_(loop),
      launcher_(launcher),
      logs_(logs),
      defaults_(std::move(defaults)),
      keep_alive_interval_(keep_alive_interval),
      on_change_(std::move(on_change)) {
  all_ended_.set();
  ending_.on_idle([this] { all_ended_.set(); });
}

StdioRuntime::~StdioRuntime() = default;

std::unique_ptr<StdioRuntime::Replica> StdioRuntime::make_replica(const model::Adapter& adapter,
                                                                  std::uint32_t instance) {
  auto replica = std::make_unique<Replica>();
  replica->status = {.instance = instance,
                     .endpoint_id = random_hex(8),
                     .state = process::InstanceState::failed,
                     .started_at = wall_now()};
  auto request = process::spawn_request_for(adapter, instance, defaults_, logs_);
  if (!request) {
    replica->status.last_error = request.error().message();
    return replica;
  }
  const model::AdapterLimits& limits = adapter.spec.limits;
  const bool shared = adapter.spec.sharing == model::StdioSharing::shared;
  replica->starter = std::make_unique<stdio::ProcessStarter>(launcher_, loop_, *std::move(request));
  replica->bridge = std::make_unique<stdio::Bridge>(
      loop_, *replica->starter,
      stdio::BridgeOptions{.name = fmt::format("{}/{}", adapter.spec.name, instance),
                           .sharing = shared ? stdio::Sharing::shared : stdio::Sharing::exclusive,
                           .max_sessions = limits.max_sessions,
                           .idle_timeout = limits.idle_timeout,
                           .keepalive = keep_alive_interval_},
      [this, name = adapter.spec.name] { on_change_(name); });
  http::ServerOptions options{.max_body = 0, .idle_timeout = std::chrono::hours(1)};
  replica->server = std::make_unique<http::Server>(loop_, *replica->bridge, options, server_counters_);
  replica->listener = std::make_shared<net::InprocListener>(
      loop_, [server = replica->server.get()](std::unique_ptr<net::Stream> stream) {
        server->serve(std::move(stream), {.address = "local"});
      });
  return replica;
}

void StdioRuntime::apply(const model::Adapter& adapter) {
  const model::AdapterSpec& spec = adapter.spec;
  const bool wanted = spec.enabled && spec.command && spec.transport == model::Transport::stdio;
  const auto it = groups_.find(spec.name);
  if (it != groups_.end()) {
    if (wanted && runs_alike(it->second.spec, spec)) return;
    Group old = std::move(it->second);
    groups_.erase(it);
    retire(std::move(old));
  }
  if (!wanted) return;
  Group& group = groups_[spec.name];
  group.spec = spec;
  for (std::uint32_t i = 0; i < spec.replica_count; ++i) group.replicas.push_back(make_replica(adapter, i));
}

void StdioRuntime::remove(const std::string& name) {
  const auto it = groups_.find(name);
  if (it == groups_.end()) return;
  Group old = std::move(it->second);
  groups_.erase(it);
  retire(std::move(old));
}

void StdioRuntime::retire(Group group) {
  for (auto& replica : group.replicas) {
    if (replica->bridge == nullptr) continue;
    all_ended_.reset();
    ending_.spawn("stdio.end", end(std::move(replica)));
  }
}

Task<> StdioRuntime::end(std::unique_ptr<Replica> replica) {
  co_await replica->bridge->shut_down();
  replica->listener->close();
  replica->server.reset();
  replica->bridge.reset();
}

std::vector<routing::Endpoint> StdioRuntime::endpoints(const model::Adapter& adapter) const {
  std::vector<routing::Endpoint> endpoints;
  const auto it = groups_.find(adapter.spec.name);
  if (it == groups_.end()) return endpoints;
  // With a child for each session there is always something to try.
  const bool shared = adapter.spec.sharing == model::StdioSharing::shared;
  for (const auto& replica : it->second.replicas) {
    if (replica->listener == nullptr) continue;
    endpoints.push_back({.id = replica->status.endpoint_id,
                         .instance = replica->status.instance,
                         .ready = !shared || replica->status_now().state == process::InstanceState::ready,
                         .is_process = true,
                         .inproc = replica->listener,
                         .host = "localhost",
                         .path = std::string(stdio::mcp_path),
                         .sse_path = std::string(stdio::sse_path)});
  }
  return endpoints;
}

std::vector<process::InstanceStatus> StdioRuntime::status(const std::string& name) const {
  std::vector<process::InstanceStatus> all;
  const auto it = groups_.find(name);
  if (it == groups_.end()) return all;
  for (const auto& replica : it->second.replicas) all.push_back(replica->status_now());
  return all;
}

Task<> StdioRuntime::shut_down() {
  for (auto& [name, group] : groups_) retire(std::move(group));
  groups_.clear();
  co_await all_ended_;
}

std::size_t StdioRuntime::processes() const {
  std::size_t count = 0;
  for (const auto& [name, group] : groups_) {
    for (const auto& replica : group.replicas) count += replica->bridge != nullptr ? replica->bridge->processes() : 0;
  }
  return count;
}

}  // namespace gw::app
