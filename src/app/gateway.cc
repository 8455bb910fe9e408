#include "app/gateway.h"

#include <unistd.h>

#include <atomic>
#include <thread>

#include <boost/json.hpp>

#include "app/access_side.h"
#include "app/data_plane.h"
#include "app/federation_side.h"
#include "app/metrics.h"
#include "app/router_side.h"
#include "app/run_on.h"
#include "app/stdio_runtime.h"
#include "base/files.h"
#include "base/log.h"
#include "cli/cli.h"
#include "control/control.h"
#include "control/process_runtime.h"
#include "federation/session_keeper.h"
#include "process/supervisor.h"
#include "runtime/race.h"
#include "store/sqlite/sqlite_stores.h"
#include "vault/key_file.h"

namespace gw::app {
namespace {

constexpr Duration longest_shutdown = std::chrono::seconds(20);

std::size_t worker_count(const config::Options& options) {
  return options.workers > 0 ? options.workers : std::max(1u, std::thread::hardware_concurrency());
}

Result<store::Stores> open_stores(const config::StoreOptions& options) {
  if (options.kind == config::StoreKind::memory) return store::memory_stores();
  return store::sqlite_stores(options.path);
}

Result<> make_private_folder(const std::filesystem::path& folder) {
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error) return fail(Errc::forbidden, "cannot make the state directory {}: {}", folder.string(), error.message());
  std::filesystem::permissions(folder, std::filesystem::perms::owner_all, error);
  return {};
}

// The key of the secrets is no variable that adapters may refer to.
model::ReferenceSources reference_sources(const config::Environment& environment, const vault::Vault& vault) {
  return {.env = [environment](const std::string& name) -> std::optional<std::string> {
            if (name == vault::key_variable) return {};
            return environment(name);
          },
          .file = [](const std::string& path) { return read_regular_file(path, 1 << 20); },
          .secret = [&vault](const std::string& name) { return vault.find(name); }};
}

// The rules were checked with the file.
control::AccessSettings access_settings(const config::Options& options) {
  control::AccessSettings access{.admin_role = options.auth.admin_role,
                                 .operator_roles = options.auth.operator_roles,
                                 .workload_identity_roles = options.auth.workload_identity_roles,
                                 .policy = {}};
  if (auto policy = policy::Policy::compile(options.policy)) access.policy = *std::move(policy);
  return access;
}

control::AuditHook audit_hook(audit::Trail* trail) {
  if (trail == nullptr) return {};
  return [trail](audit::Record record) -> Result<> {
    if (!trail->wants(record)) return {};
    return trail->record(std::move(record));
  };
}

peer::Options peer_options() {
  return {.name = "mcp-gateway", .version = std::string(cli::version())};
}

federation::Options federation_options(const config::Options& options) {
  return {.name = "mcp-gateway",
          .version = std::string(cli::version()),
          .session_lifetime = options.sessions.lifetime,
          .keep_alive_interval = keep_alive_interval(options.http),
          .max_message = options.http.max_body_bytes > 0 ? options.http.max_body_bytes : std::size_t{1} << 30};
}

// What the control loop owns. Made and destroyed there.
struct ControlSide {
  ControlSide(Loop& loop, process::LauncherProcess launcher_process, process::SpawnDefaults defaults,
              const config::Options& options, process::LogBook& logs)
      : launcher(std::move(launcher_process), loop),
        supervisor(launcher, logs, defaults, supervisor_options(options.processes),
                   [this](const std::string& adapter) {
                     if (plane != nullptr) plane->instances_changed(adapter);
                   }),
        processes(supervisor),
        stdio(loop, launcher, logs, defaults, keep_alive_interval(options.http), [this](const std::string& adapter) {
          if (plane != nullptr) plane->instances_changed(adapter);
        }) {}

  static process::SupervisorOptions supervisor_options(const config::ProcessOptions& options) {
    process::SupervisorOptions made;
    made.start_timeout = options.start_timeout;
    made.drain_timeout = options.stop_timeout;
    made.stop_grace = {options.stop_timeout / 2, options.stop_timeout / 2};
    made.backoff.longest = options.max_restart_delay;
    return made;
  }

  process::Launcher launcher;
  process::Supervisor supervisor;
  control::ProcessRuntime processes;
  StdioRuntime stdio;
  std::unique_ptr<control::ControlPlane> plane;
  http::ServerCounters server_counters;
  std::unique_ptr<http::Server> server;  // Of the REST API.
  std::unique_ptr<FederationSide> federation;
  std::unique_ptr<federation::SessionKeeper> sessions;
  TaskGroup tasks;
};

}  // namespace

struct Gateway::Impl {
  Impl(GatewaySettings given, process::LauncherProcess process)
      : settings(std::move(given)), launcher_process(std::move(process)) {
    settings.options.workers = static_cast<std::uint32_t>(worker_count(settings.options));
  }

  Result<> open();
  Result<> listen();
  std::string own_origin() const;
  Result<std::function<void()>> prepare(const config::Options& options);
  void make_data_plane();
  void make_control_side();
  boost::json::object federation_status() const;
  Result<> start_control();
  void stop_control();

  GatewaySettings settings;
  std::optional<process::LauncherProcess> launcher_process;
  RouterSide router;
  std::shared_ptr<const session::Keyring> keyring;
  store::Stores stores;
  SecretString secrets_key;
  std::unique_ptr<SharedAccessParts> shared_access;
  std::shared_ptr<const net::EgressRules> egress;
  std::vector<Listening> listening;

  Workers control_worker{1, "control"};
  std::unique_ptr<Workers> workers;
  // After the loops: a call that is still under way when these are destroyed tells its loop that it has ended.
  BlockingPool store_calls{1};
  BlockingPool name_lookups{2};
  net::Resolver control_names{name_lookups};  // On the control loop.

  std::unique_ptr<process::LogBook> logs;
  std::unique_ptr<access::Publisher> access;  // Lives on the control loop.
  std::shared_ptr<net::InprocListener> control_listener;
  std::unique_ptr<SharedFederation> federated;
  std::unique_ptr<DataPlane> data;
  std::unique_ptr<routing::RoutePublisher> publisher;
  std::unique_ptr<vault::Vault> vault;  // Used on the control loop only, and destroyed there.
  std::unique_ptr<ControlSide> control;
  bool running = false;
};

Gateway::Gateway(GatewaySettings settings, process::LauncherProcess launcher)
    : impl_(std::make_unique<Impl>(std::move(settings), std::move(launcher))) {}

Gateway::~Gateway() {
  if (impl_->running) stop([](Duration) { return true; });
}

Result<> Gateway::Impl::open() {
  const config::Options& options = settings.options;
  GW_TRY_OK(make_private_folder(options.state_directory));
  GW_TRY(stores, open_stores(options.store));
  const auto keys_folder = std::filesystem::path(options.state_directory) / "keys";
  GW_TRY(secrets_key,
         vault::load_or_create_key(keys_folder / "secrets.key", settings.environment(vault::key_variable)));
  GW_TRY(router, open_router_side(options.router, settings.environment));
  GW_TRY(auto keys, session_keys(router, keys_folder / "session.keys"));
  keyring = std::make_shared<const session::Keyring>(std::move(keys));
  GW_TRY(shared_access, open_access(options));
  GW_TRY(egress, egress_rules(options));
  return {};
}

Result<> Gateway::Impl::listen() {
  for (const config::ListenOptions& listen : settings.options.listen) {
    GW_TRY(const auto address, net::parse_host_port(listen.address));
    Listening made;
    if (listen.tls) {
      GW_TRY(made.tls, net::TlsContext::server(listen.tls->cert_file, listen.tls->key_file));
    }
    GW_TRY(made.sockets, net::listen_on(address, settings.options.workers));
    listening.push_back(std::move(made));
  }
  return {};
}

// How clients on this machine reach the gateway, where the configuration does not say how others do.
std::string Gateway::Impl::own_origin() const {
  const Listening& first = listening.front();
  return (first.tls != nullptr ? "https://" : "http://") + net::to_string(first.sockets.bound);
}

void Gateway::Impl::make_data_plane() {
  workers = std::make_unique<Workers>(settings.options.workers);
  access =
      std::make_unique<access::Publisher>(control_worker.loop(0), control_names, shared_access->limiter,
                                          [this](access::SettingsPtr decided) { data->apply(std::move(decided)); });
  control_listener = std::make_shared<net::InprocListener>(
      control_worker.loop(0),
      [this](std::unique_ptr<net::Stream> stream) { control->server->serve(std::move(stream), {.address = "local"}); });
  const SharedAccess shared{.refresh = *access,
                            .limiter = shared_access->limiter,
                            .trail = shared_access->trail.get(),
                            .identity_key = shared_access->identity_key,
                            .hints = shared_access->hints};
  federated =
      std::make_unique<SharedFederation>(peer_options(), control_worker.loop(0), federation_options(settings.options));
  federated->peers.on_change = [this](std::string_view adapter, std::string_view method) {
    control_worker.loop(0).post([this, adapter = std::string(adapter), method = std::string(method)] {
      if (control != nullptr) control->federation->heard(adapter, method);
    });
  };
  data = std::make_unique<DataPlane>(*workers, name_lookups, control_listener, keyring, shared, *federated, router,
                                     settings.options);
  publisher = std::make_unique<routing::RoutePublisher>(*workers, data->route_tables());
}

// Everything that can be refused is refused before anything is applied.
Result<std::function<void()>> Gateway::Impl::prepare(const config::Options& options) {
  const auto references = reference_sources(settings.environment, *vault);
  GW_TRY(auto prepared, access->prepare(declared_access(options, settings.environment, own_origin()), references));
  return [this, options, prepared = std::move(prepared)] {
    if (!settings.log_level_given) log::set_level(options.log.level);
    control->plane->apply(access_settings(options));
    access->commit(prepared);
    control->federation->configure(options.federation, options.virtual_servers);
  };
}

void Gateway::Impl::make_control_side() {
  Loop& loop = control_worker.loop(0);
  vault = std::make_unique<vault::Vault>(*stores.secrets, store_calls, vault::Cipher(std::move(secrets_key)));
  const auto references = reference_sources(settings.environment, *vault);
  process::SpawnDefaults defaults{.environment = process::inherited_environment(::environ),
                                  .work_root = std::filesystem::path(settings.options.state_directory) / "work",
                                  .sources = references};
  logs = std::make_unique<process::LogBook>(settings.options.processes.log_bytes);
  control =
      std::make_unique<ControlSide>(loop, *std::move(launcher_process), std::move(defaults), settings.options, *logs);
  launcher_process.reset();

  control->federation = std::make_unique<FederationSide>(
      loop, federated->peers, federated->tools, control_names, pool_options(settings.options),
      FederationSide::Hooks{
          .publish = [this](federation::OfferPtr offer) { data->apply(std::move(offer)); },
          .on_listing = [this](const catalogue::ListingPtr& listing) { control->plane->listed(listing); },
          .pins = [this] { return control->plane->pins(); }});
  federation::Shared& clients = federated->clients;
  control->sessions = std::make_unique<federation::SessionKeeper>(
      loop, clients.sessions, *stores.sessions, store_calls,
      federation::KeeperOptions{.lifetime = clients.options.session_lifetime, .most = clients.sessions.most()});
  publisher->on_publish([this](const routing::RouteTable::Change& change) { control->federation->apply(change); });
  const auto collect = [this] {
    return MetricsSources{data->counters(), control->plane->counters(), control->stdio.processes(),
                          &control->federation->counters()};
  };
  control->plane = std::make_unique<control::ControlPlane>(
      control::Surroundings{.loop = loop,
                            .store = *stores.resources,
                            .keys = *stores.keys,
                            .pins = *stores.pins,
                            .vault = *vault,
                            .blocking = store_calls,
                            .processes = control->processes,
                            .stdio = control->stdio,
                            .logs = *logs,
                            .publisher = *publisher,
                            .references = references,
                            .egress = egress,
                            .metrics = [collect] { return metrics_text(collect()); },
                            .figures = [collect] { return status_figures(collect()); },
                            .issuers = [this] { return access->issuers(); },
                            .federation = [this] { return federation_status(); },
                            .tool_trouble = [this](const auto& tool) { return control->federation->trouble(tool); },
                            .on_keys = [this](auto keys) { access->set_api_keys(std::move(keys)); },
                            .audit = audit_hook(shared_access->trail.get()),
                            .snapshot = [this] { return control->federation->snapshot(); },
                            .on_pins = [this] { control->federation->merge_soon(); }},
      control::Settings{.version = std::string(cli::version()),
                        .config_file = settings.config_file,
                        .config = settings.loaded,
                        .prepare = [this](const config::Options& options) { return prepare(options); },
                        .access = access_settings(settings.options)});
  // What the relay says of the caller comes on top of what a client may send.
  http::ServerOptions options{.limits = {.max_head = settings.options.http.max_header_bytes + (64 << 10)},
                              .max_body = settings.options.http.max_body_bytes,
                              .idle_timeout = std::chrono::hours(1)};
  control->server = std::make_unique<http::Server>(loop, control->plane->service(), options, control->server_counters);
}

boost::json::object Gateway::Impl::federation_status() const {
  using boost::json::object;
  object status =
      router.routers != nullptr ? object{{"routers", routers_json(*router.routers)}} : control->federation->status();
  status["role"] = to_string(settings.options.router.mode);
  return status;
}

Result<> Gateway::Impl::start_control() {
  std::promise<Result<>> started;
  control_worker.loop(0).post([&] {
    control->tasks.spawn("control.start",
                         [](ControlSide& side, bool federates, std::promise<Result<>>& done) -> Task<> {
                           if (federates) side.federation->start();
                           co_await side.sessions->restore();
                           auto result = co_await side.plane->start();
                           if (federates) side.federation->open();
                           done.set_value(std::move(result));
                         }(*control, router.routers == nullptr, started));
  });
  return started.get_future().get();
}

void Gateway::Impl::stop_control() {
  std::promise<void> ended;
  control_worker.loop(0).post([&] {
    control->tasks.spawn("control.stop", [](ControlSide& side, std::promise<void>& done) -> Task<> {
      co_await with_timeout(longest_shutdown, [](ControlSide& inner) -> Task<> {
        co_await inner.sessions->settled();
        co_await inner.plane->shut_down();
        co_await inner.federation->shut_down();
        co_await inner.stdio.shut_down();
        co_await inner.supervisor.shut_down();
      }(side));
      done.set_value();
    }(*control, ended));
  });
  ended.get_future().wait();
  run_on(control_worker.loop(0), [this] {
    control->plane.reset();
    control.reset();
    access.reset();
    vault.reset();
  });
}

Result<> Gateway::start() {
  Impl& gateway = *impl_;
  GW_TRY_OK(gateway.open());
  GW_TRY_OK(gateway.listen());
  gateway.make_data_plane();
  gateway.make_control_side();
  gateway.control_worker.start();
  gateway.workers->start();
  gateway.running = true;
  if (auto started = gateway.start_control(); !started) {
    stop([](Duration) { return true; });
    return started;
  }
  gateway.data->accept(gateway.listening);
  log::info("gateway.started", {{"version", cli::version()}, {"workers", gateway.settings.options.workers}});
  return {};
}

std::vector<std::string> Gateway::urls() const {
  std::vector<std::string> urls;
  for (const Listening& address : impl_->listening) {
    urls.push_back((address.tls != nullptr ? "https://" : "http://") + net::to_string(address.sockets.bound));
  }
  return urls;
}

void Gateway::reload() {
  impl_->control_worker.loop(0).post([this] { impl_->control->plane->reload(); });
}

void Gateway::stop(const std::function<bool(Duration)>& hurry) {
  Impl& gateway = *impl_;
  if (!std::exchange(gateway.running, false)) return;
  log::info("gateway.draining", {});
  std::atomic<bool> drained = false;
  run_on(gateway.control_worker.loop(0), [&] {
    gateway.control->plane->begin_drain();
    gateway.control->server->drain([] {});  // Ends followed logs, for which the workers would wait.
  });
  gateway.data->drain([&drained] { drained = true; });
  const SteadyTime deadline = steady_now() + gateway.settings.options.http.drain_timeout;
  while (!drained && steady_now() < deadline) {
    if (hurry(std::chrono::milliseconds(20))) break;
  }
  // The REST API looks at the counters of the workers, and the control plane would publish routes to them until its
  // processes have ended: hence this order.
  run_on(gateway.control_worker.loop(0), [&] {
    gateway.control_listener->close();
    gateway.control->server.reset();
    gateway.publisher->close();
    gateway.access->close();
    gateway.data->close();
  });
  gateway.data->destroy();
  gateway.workers->stop();
  gateway.stop_control();
  gateway.control_worker.stop();
  log::info("gateway.stopped", {});
}

}  // namespace gw::app
