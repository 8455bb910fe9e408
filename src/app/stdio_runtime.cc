#include "app/stdio_runtime.h"

#include <fmt/core.h>

#include "runtime/random.h"

namespace gw::app {
namespace {

// How long after a replica could not be made, such as for a missing file, it is tried again.
constexpr Duration retry_after = std::chrono::seconds(10);

// Whether replicas that were made for one of them serve for the other.
bool same_replicas(const model::AdapterSpec& a, const model::AdapterSpec& b) {
  return a.command == b.command && a.environment == b.environment && a.sharing == b.sharing && a.limits == b.limits;
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
      on_change_(std::move(on_change)),
      retry_(loop, [this] { retry(); }) {
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
    if (!retry_.armed()) retry_.arm(steady_now() + retry_after);
    return replica;
  }
  const model::AdapterLimits& limits = adapter.spec.limits;
  const bool shared = adapter.spec.sharing == model::StdioSharing::shared;
  replica->starter = std::make_unique<stdio::ProcessStarter>(launcher_, loop_, *std::move(request));
  replica->bridge = std::make_unique<stdio::Bridge>(
      loop_, *replica->starter,
      stdio::BridgeOptions{.name = fmt::format("{}/{}", adapter.spec.name, instance),
                           .adapter = adapter.spec.name,
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
  const bool keeps = wanted && it != groups_.end() && same_replicas(it->second.adapter.spec, spec);
  if (!keeps) remove(spec.name);
  if (!wanted) return;
  Group& group = groups_[spec.name];
  group.adapter = adapter;
  auto& replicas = group.replicas;
  while (replicas.size() > spec.replica_count) {
    retire(std::move(replicas.back()));
    replicas.pop_back();
  }
  while (replicas.size() < spec.replica_count) {
    replicas.push_back(make_replica(adapter, static_cast<std::uint32_t>(replicas.size())));
  }
}

void StdioRuntime::retry() {
  for (auto& [name, group] : groups_) {
    bool changed = false;
    for (auto& replica : group.replicas) {
      if (replica->bridge != nullptr) continue;
      replica = make_replica(group.adapter, replica->status.instance);
      changed = true;
    }
    if (changed) on_change_(name);
  }
}

void StdioRuntime::remove(const std::string& name) {
  const auto it = groups_.find(name);
  if (it == groups_.end()) return;
  Group old = std::move(it->second);
  groups_.erase(it);
  for (auto& replica : old.replicas) retire(std::move(replica));
}

void StdioRuntime::retire(std::unique_ptr<Replica> replica) {
  if (replica->bridge == nullptr) return;
  all_ended_.reset();
  ending_.spawn("stdio.end", end(std::move(replica)));
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
  retry_.disarm();
  while (!groups_.empty()) remove(std::string(groups_.begin()->first));
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
