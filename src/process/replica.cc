#include "process/replica.h"

#include <fmt/format.h>

#include "base/check.h"
#include "base/log.h"
#include "process/local_port.h"
#include "runtime/race.h"
#include "runtime/random.h"

namespace gw::process {
namespace {

constexpr Duration first_probe_after = std::chrono::milliseconds(5);
constexpr Duration longest_between_probes = std::chrono::milliseconds(100);
constexpr int port_attempts = 32;
constexpr std::size_t endpoint_id_bytes = 6;

Task<> wait_for(Event& event) {
  co_await event;
}

double in_seconds(Duration duration) {
  return std::chrono::duration<double>(duration).count();
}

}  // namespace

std::string_view to_string(InstanceState state) {
  switch (state) {
    case InstanceState::starting: return "starting";
    case InstanceState::ready: return "ready";
    case InstanceState::draining: return "draining";
    case InstanceState::backoff: return "backoff";
    case InstanceState::failed: return "failed";
    case InstanceState::stopped: return "stopped";
  }
  return "stopped";
}

Replica::Replica(ReplicaContext& context, model::Adapter adapter, std::uint32_t instance,
                 std::function<void()> on_change)
    : context_(context),
      adapter_(std::move(adapter)),
      log_(context.logs.open(adapter_.spec.name, instance)),
      on_change_(std::move(on_change)),
      task_(std::make_unique<TaskGroup>()) {
  status_.instance = instance;
  task_->spawn("replica.supervise", supervise());
}

Replica::~Replica() {
  task_.reset();
  process_ended();
}

Task<> Replica::supervise() {
  const auto& options = context_.options;
  while (true) {
    enter(InstanceState::starting);
    const Error error = co_await serve();
    failures_ = stable() ? 1 : failures_ + 1;
    process_ended();
    status_.last_error = error.message();
    const Duration wait = backoff(options.backoff, failures_, random_u64());
    note(fmt::format("{}; next start in {:.1f} s", error.message(), in_seconds(wait)));
    log::warn("process.failed", {{"adapter", adapter_.spec.name},
                                 {"instance", status_.instance},
                                 {"error", error.message()},
                                 {"failures", failures_}});
    // What is wrong with the adapter itself does not pass by waiting, though somebody may install the command.
    const bool hopeless = error.code() == Errc::invalid || failures_ >= options.failed_after;
    enter(hopeless ? InstanceState::failed : InstanceState::backoff);
    co_await sleep_for(wait);
    ++status_.restarts;
  }
}

Task<Error> Replica::serve() {
  auto port = take_port();
  if (!port) co_return port.error();
  auto request = spawn_request_for(adapter_, status_.instance, context_.defaults, context_.logs, *port);
  if (!request) co_return request.error();
  auto child = co_await context_.launcher.spawn(*Loop::current(), std::move(*request));
  if (!child) co_return child.error();

  child_ = std::move(*child);
  running_since_ = steady_now();
  status_.started_at = wall_now();
  status_.endpoint_id = random_hex(endpoint_id_bytes);
  status_.pid = child_->pid();
  note(fmt::format("started as process {} on port {}", status_.pid, *port));
  enter(InstanceState::starting);

  const auto ready = co_await with_timeout(context_.options.start_timeout, wait_until_ready());
  if (!ready) {
    child_->kill();
    co_await child_->exited();
    co_return Error(Errc::unavailable,
                    fmt::format("the process did not accept connections on {}:{} within {:.1f} s; it "
                                "must listen where the variables HOST and PORT or the argument "
                                "${{port}} say",
                                local_host, *port, in_seconds(context_.options.start_timeout)));
  }
  if (*ready) {
    log::info("process.ready",
              {{"adapter", adapter_.spec.name}, {"instance", status_.instance}, {"port", *port}, {"pid", status_.pid}});
    enter(InstanceState::ready);
    co_await child_->exited();
  }
  const auto* const when = *ready ? "" : " before it accepted connections";
  co_return Error(Errc::unavailable, fmt::format("the process {}{}", child_->status().words(), when));
}

// False when the process has ended.
Task<bool> Replica::wait_until_ready() {
  Duration pause = first_probe_after;
  while (child_->running()) {
    if (accepts_connections(status_.port)) co_return true;
    co_await with_timeout(pause, wait_for(child_->exited()));
    pause = std::min(pause * 2, longest_between_probes);
  }
  co_return false;
}

void Replica::retire(Duration drain) {
  if (stopped()) return;
  task_ = std::make_unique<TaskGroup>();  // Ends the supervision where it stands.
  task_->spawn("replica.stop", stop(drain));
}

Task<> Replica::stop(Duration drain) {
  if (child_ && child_->running()) {
    const bool serving = ready() || status_.state == InstanceState::draining;
    enter(InstanceState::draining);
    if (serving) co_await with_timeout(drain, wait_for(child_->exited()));
    const auto status = co_await child_->stop(context_.options.stop_grace);
    note(fmt::format("stopped by the gateway; the process {}", status.words()));
  }
  process_ended();
  enter(InstanceState::stopped);
}

Result<std::uint16_t> Replica::take_port() {
  for (int i = 0; i < port_attempts; ++i) {
    GW_TRY(const auto port, free_port());
    if (context_.ports.insert(port).second) {
      status_.port = port;
      return port;
    }
  }
  return fail(Errc::unavailable, "no free TCP port was found on {}", local_host);
}

void Replica::process_ended() {
  child_.reset();
  running_since_ = never;
  status_.pid = 0;
  if (status_.port != 0) context_.ports.erase(std::exchange(status_.port, 0));
}

bool Replica::stable() const {
  return running_since_ != never && steady_now() - running_since_ >= context_.options.stable_after;
}

void Replica::enter(InstanceState state) {
  status_.state = state;
  on_change_();
}

void Replica::note(std::string_view text) {
  log_->append(LogStream::gateway, text);
}

}  // namespace gw::process
