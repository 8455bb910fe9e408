#include "control/control.h"

#include <fmt/core.h>

#include "base/log.h"
#include "control/adapters_api.h"
#include "control/logs_api.h"
#include "control/openapi.h"
#include "control/reconciler.h"
#include "control/registry.h"
#include "control/reload.h"
#include "control/status_api.h"

namespace gw::control {
namespace {

// Nobody changes what is not known yet: adapters may be asked for only after the start.
class Gate final : public http::Service {
 public:
  Gate(const GatewayState& gateway, http::Service& inner) : gateway_(gateway), inner_(inner) {}

  Task<Result<>> handle(http::Exchange& exchange) override {
    if (gateway_.phase == Phase::starting && exchange.request().path.starts_with("/adapters")) {
      co_return co_await send(
          exchange,
          problem(Error(Errc::unavailable, "the gateway is starting; try again in a moment")).with("Retry-After", "1"));
    }
    co_return co_await inner_.handle(exchange);
  }

 private:
  const GatewayState& gateway_;
  http::Service& inner_;
};

}  // namespace

struct ControlPlane::Impl {
  Impl(Surroundings s, Settings given);

  void changed(const std::vector<std::string>& names);

  Settings settings;
  GatewayState gateway;
  Counters counters;
  Registry registry;
  Reconciler reconciler;
  Reload reload;
  AdaptersApi adapters_api;
  StatusApi status_api;
  LogsApi logs_api;
  OpenApi open_api;
  Api api;
  Gate gate;
};

ControlPlane::Impl::Impl(Surroundings s, Settings given)
    : settings(std::move(given)),
      gateway{.version = settings.version, .started_at = wall_now(), .started = steady_now()},
      registry(s.store, s.blocking, [this](const auto& names) { changed(names); }),
      reconciler(s.loop, registry, s.processes, s.stdio, s.publisher, std::move(s.references), s.egress, counters),
      reload(s.loop, s.blocking, settings.config_file, settings.config.options,
             {.servers = [this](auto specs) { return registry.apply_file(std::move(specs)); },
              .options = settings.on_options},
             counters),
      adapters_api(registry, s.egress),
      status_api({.gateway = gateway,
                  .registry = registry,
                  .reconciler = reconciler,
                  .reload = reload,
                  .processes = s.processes,
                  .stdio = s.stdio,
                  .metrics = std::move(s.metrics),
                  .figures = std::move(s.figures)}),
      logs_api(registry, s.logs),
      open_api(settings.version),
      gate(gateway, api) {
  api.add(adapters_api.routes());
  api.add(status_api.routes());
  api.add(logs_api.routes());
  api.add(open_api.routes());
}

// Before the end of the start everything is applied at once; see start().
void ControlPlane::Impl::changed(const std::vector<std::string>& names) {
  if (gateway.phase == Phase::starting) return;
  reconciler.reconcile(names);
}

ControlPlane::ControlPlane(Surroundings surroundings, Settings settings)
    : impl_(std::make_unique<Impl>(std::move(surroundings), std::move(settings))) {}

ControlPlane::~ControlPlane() = default;

Task<Result<>> ControlPlane::start() {
  GW_CO_TRY_OK(co_await impl_->registry.load());
  const auto applied = impl_->registry.apply_file(impl_->settings.config.servers);
  if (!applied) {
    const auto& first = applied.error().front();
    co_return std::unexpected(Error(Errc::invalid, fmt::format("{}: {}", first.field, first.message), first.field)
                                  .within(impl_->settings.config_file.string()));
  }
  if (impl_->gateway.phase == Phase::starting) impl_->gateway.phase = Phase::serving;
  impl_->changed(impl_->registry.names());
  impl_->reload.watch();
  log::info("control.started", {{"adapters", impl_->registry.size()},
                                {"from_file", applied->added.size()},
                                {"shadowed", impl_->registry.shadowed().size()}});
  co_return Result<>();
}

http::Service& ControlPlane::service() {
  return impl_->gate;
}

void ControlPlane::instances_changed(const std::string& adapter) {
  impl_->reconciler.republish({adapter});
}

void ControlPlane::reload() {
  impl_->reload.reload();
  impl_->reconciler.renew();
}

void ControlPlane::begin_drain() {
  impl_->gateway.phase = Phase::draining;
}

Task<> ControlPlane::shut_down() {
  begin_drain();
  impl_->reload.stop();
  co_await impl_->registry.settled();
}

const Counters& ControlPlane::counters() const {
  return impl_->counters;
}

}  // namespace gw::control
