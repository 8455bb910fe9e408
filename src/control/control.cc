#include "control/control.h"

#include <algorithm>
#include <array>

#include <fmt/core.h>

#include "base/log.h"
#include "control/access_api.h"
#include "control/adapters_api.h"
#include "control/approvals_api.h"
#include "control/definition_watch.h"
#include "control/keys_api.h"
#include "control/logs_api.h"
#include "control/openapi.h"
#include "control/pin_book.h"
#include "control/reconciler.h"
#include "control/registry.h"
#include "control/reload.h"
#include "control/secrets_api.h"
#include "control/status_api.h"

namespace gw::control {
namespace {

// Nobody sees or changes what is not known yet: what the store keeps may be asked for only after the start.
bool needs_the_store(std::string_view path) {
  return std::ranges::any_of(std::array{"/adapters", "/catalogue", "/tools", "/keys", "/secrets", "/policy"},
                             [&](const char* start) { return path.starts_with(start); });
}

class Gate final : public http::Service {
 public:
  Gate(const GatewayState& gateway, http::Service& inner) : gateway_(gateway), inner_(inner) {}

  Task<Result<>> handle(http::Exchange& exchange) override {
    if (gateway_.phase == Phase::starting && needs_the_store(exchange.request().path)) {
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
  void secrets_changed();
  Result<std::function<void()>> prepare(const config::Options& options);

  Settings settings;
  const AuditHook audit;
  GatewayState gateway;
  Counters counters;
  vault::Vault& vault;
  Registry registry;
  KeyBook keys;
  PinBook pins;
  DefinitionWatch definitions;
  Reconciler reconciler;
  Reload reload;
  AdaptersApi adapters_api;
  ApprovalsApi approvals_api;
  CatalogueApi catalogue_api;
  AdaptersApi tools_api;
  KeysApi keys_api;
  SecretsApi secrets_api;
  AccessApi access_api;
  StatusApi status_api;
  LogsApi logs_api;
  OpenApi open_api;
  Api api;
  Gate gate;
};

ControlPlane::Impl::Impl(Surroundings s, Settings given)
    : settings(std::move(given)),
      audit(std::move(s.audit)),
      gateway{.version = settings.version, .started_at = wall_now(), .started = steady_now()},
      vault(s.vault),
      registry(s.store, s.blocking, [this](const auto& names) { changed(names); }),
      keys(s.keys, s.blocking, std::move(s.on_keys)),
      pins(s.pins, s.blocking, registry, counters, std::move(s.on_pins)),
      definitions(counters),
      reconciler(s.loop, registry, s.processes, s.stdio, s.publisher, std::move(s.references), s.egress, counters),
      reload(s.loop, s.blocking, settings.config_file, settings.config.options,
             {.servers = [this](auto specs) { return registry.apply_file(std::move(specs)); },
              .options = [this](const config::Options& options) { return prepare(options); },
              .audit = audit},
             counters),
      adapters_api(adapters_collection, registry, settings.access, s.egress),
      approvals_api(registry, pins),
      catalogue_api(registry, pins, settings.access, std::move(s.snapshot)),
      tools_api(tools_collection, registry, settings.access, s.egress),
      keys_api(keys, settings.access),
      secrets_api(vault),
      access_api(registry, keys, settings.access),
      status_api({.gateway = gateway,
                  .registry = registry,
                  .reconciler = reconciler,
                  .reload = reload,
                  .processes = s.processes,
                  .stdio = s.stdio,
                  .metrics = std::move(s.metrics),
                  .figures = std::move(s.figures),
                  .issuers = std::move(s.issuers),
                  .federation = std::move(s.federation),
                  .tool_trouble = std::move(s.tool_trouble)}),
      logs_api(registry, s.logs, settings.access),
      open_api(settings.version),
      api(settings.access, audit),
      gate(gateway, api) {
  vault.on_change([this] { secrets_changed(); });
  api.add(Kind::adapter, adapters_api.resources());
  api.add(Kind::tool, tools_api.resources());
  api.add(Kind::key, keys_api.resources());
  api.add(adapters_api.routes());
  api.add(approvals_api.routes());
  api.add(catalogue_api.routes());
  api.add(tools_api.routes());
  api.add(keys_api.routes());
  api.add(secrets_api.routes());
  api.add(access_api.routes());
  api.add(status_api.routes());
  api.add(logs_api.routes());
  api.add(open_api.routes());
}

// Before the end of the start everything is applied at once; see start().
void ControlPlane::Impl::changed(const std::vector<std::string>& names) {
  if (gateway.phase == Phase::starting) return;
  pins.follow();
  for (const std::string& name : names) {
    if (registry.find(name) == nullptr) definitions.forget(name);
  }
  reconciler.reconcile(names);
}

void ControlPlane::Impl::secrets_changed() {
  if (gateway.phase == Phase::starting) return;
  reconciler.renew();
  if (const auto ready = prepare(settings.config.options)) {
    (*ready)();
  } else {
    log::error("config.rejected", {{"problems", ready.error().message()},
                                   {"remedy",
                                    "a secret that the configuration refers to is gone or unfit; what was "
                                    "in force stays in force"}});
  }
}

// What is applied is remembered, to be made anew when a secret changes that it refers to.
Result<std::function<void()>> ControlPlane::Impl::prepare(const config::Options& options) {
  if (!settings.prepare) return [] {};
  GW_TRY(auto apply, settings.prepare(options));
  return [this, apply = std::move(apply), options] {
    apply();
    settings.config.options = options;
  };
}

ControlPlane::ControlPlane(Surroundings surroundings, Settings settings)
    : impl_(std::make_unique<Impl>(std::move(surroundings), std::move(settings))) {}

ControlPlane::~ControlPlane() {
  impl_->vault.on_change([] {});
}

Task<Result<>> ControlPlane::start() {
  GW_CO_TRY_OK(co_await impl_->vault.load());
  GW_CO_TRY_OK(co_await impl_->keys.load());
  GW_CO_TRY_OK(co_await impl_->pins.load());
  GW_CO_TRY(const auto apply_options, impl_->prepare(impl_->settings.config.options));
  apply_options();
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

const std::vector<ApiRoute>& ControlPlane::routes() const {
  return impl_->api.routes();
}

void ControlPlane::apply(AccessSettings access) {
  impl_->settings.access = std::move(access);
}

void ControlPlane::instances_changed(const std::string& adapter) {
  impl_->reconciler.republish({adapter});
}

void ControlPlane::listed(const catalogue::ListingPtr& listing) {
  impl_->definitions.listed(*listing);
  impl_->pins.listed(listing);
}

catalogue::Pins ControlPlane::pins() const {
  return impl_->pins.pins();
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
  co_await impl_->keys.settled();
  co_await impl_->pins.settled();
  co_await impl_->vault.settled();
}

const Counters& ControlPlane::counters() const {
  return impl_->counters;
}

}  // namespace gw::control
