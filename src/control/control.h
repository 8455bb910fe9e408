// The control plane: which adapters there should be, what is done about it, and the REST API over both.
//
//   REST API ─┐            (also KeyBook, PinBook, vault::Vault)
//             ├─▶ Registry ──▶ Reconciler ──▶ runtimes (start, stop)
//   file ─────┘   (store)          └────────▶ RoutePublisher (data plane)
//
// Everything here lives on one loop. Nothing of the data plane calls it; what it needs is published to it.
#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <string>

#include "auth/key_keeper.h"
#include "catalogue/snapshot.h"
#include "config/load.h"
#include "control/access_settings.h"
#include "control/api.h"
#include "control/catalogue_api.h"
#include "control/counters.h"
#include "control/key_book.h"
#include "control/reload.h"
#include "control/runtime.h"
#include "control/status_api.h"
#include "http/service.h"
#include "model/reference.h"
#include "net/egress.h"
#include "process/log_book.h"
#include "routing/route_table.h"
#include "runtime/blocking_pool.h"
#include "runtime/task.h"
#include "store/key_store.h"
#include "store/pin_store.h"
#include "store/resource_store.h"
#include "vault/vault.h"

namespace gw::control {

// What the control plane stands on. All of it outlives the control plane.
struct Surroundings {
  Loop& loop;
  store::ResourceStore& store;
  store::KeyStore& keys;
  store::PinStore& pins;
  vault::Vault& vault;     // Loaded by ControlPlane::start(), which also follows its changes.
  BlockingPool& blocking;  // Of one thread: calls of the store keep their order.
  Runtime& processes;      // Adapters with a command and transport http: control/process_runtime.h.
  Runtime& stdio;          // Adapters with a command and transport stdio.
  process::LogBook& logs;
  routing::RoutePublisher& publisher;
  model::ReferenceSources references;  // Where references in header values lead. Called on the control loop.
  std::shared_ptr<const net::EgressRules> egress;  // Where URLs that come through the API may lead; null: anywhere.

  // Called on the control loop while a request is answered.
  std::function<std::string()> metrics;                           // The text of /metrics.
  std::function<std::map<std::string, std::uint64_t>()> figures;  // Members of "counters" in /status.

  std::function<std::vector<auth::IssuerKeys>()> issuers = {};  // Members of "issuers" in /status.

  std::function<boost::json::object()> federation = {};  // The member "federation" of /status. May be empty.
  ToolTrouble tool_trouble = {};

  // Given all API keys at the start and after each change of one. May be empty.
  KeyBook::OnChange on_keys = {};
  // Takes records of changes and of refusals by role. May be empty.
  AuditHook audit = {};

  // What /mcp offers, for /catalogue. May be empty.
  SnapshotSource snapshot = {};
  // Called when pins() says something else, also within listed(): a merge is due. May be empty.
  std::function<void()> on_pins = {};
};

struct Settings {
  std::string version;
  std::filesystem::path config_file;  // Watched and read again; empty when there is none.
  config::Loaded config;              // What it said at the start; before options of the command line.
  // Makes ready to apply the options that change without a restart: at the start, once secrets are known, with each
  // configuration, and after a change of secrets. May be empty. See Reload::Hooks.
  PrepareOptions prepare = {};
  AccessSettings access = {};
};

// Made, used and destroyed on the control loop (or before and after it runs).
class ControlPlane {
 public:
  ControlPlane(Surroundings surroundings, Settings settings);
  ~ControlPlane();
  ControlPlane(const ControlPlane&) = delete;
  ControlPlane& operator=(const ControlPlane&) = delete;

  // Reads the store, adds the servers of the file, applies and publishes everything in one batch, then follows the
  // file. Errors: those of the store; Errc::invalid for servers of the file that cannot be.
  Task<Result<>> start();

  // The REST API, for an http::Server on the control loop. It answers before start() too: with 503, apart from probes.
  http::Service& service();
  // Everything that it offers.
  const std::vector<ApiRoute>& routes() const;

  // From now on these decide about access to the REST API.
  void apply(AccessSettings access);

  // A runtime's instances or endpoints of that adapter have changed.
  void instances_changed(const std::string& adapter);

  // What a federated adapter offers now: before the merge that shows it. Not called when it offers nothing any more.
  void listed(const catalogue::ListingPtr& listing);
  // For merges: what is approved of pinned adapters.
  catalogue::Pins pins() const;

  // Reads the file again now, as on SIGHUP, and resolves references and certificates anew.
  void reload();

  // From now on /readyz says that the gateway is going away.
  void begin_drain();
  // Stops following the file and lets changes that were begun reach the store. What runs is left to the runtimes.
  Task<> shut_down();

  const Counters& counters() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace gw::control
