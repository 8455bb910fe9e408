// Everything that the configuration file can set, apart from its servers. What a field means is written in tables.cc,
// from which the reference is made; here stand the defaults.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "audit/trail.h"
#include "auth/options.h"
#include "base/log.h"
#include "catalogue/options.h"
#include "limits/rules.h"
#include "policy/rules.h"
#include "runtime/time.h"

namespace gw::config {

struct TlsOptions {
  std::string cert_file;
  std::string key_file;

  bool operator==(const TlsOptions&) const = default;
};

struct ListenOptions {
  std::string address = "127.0.0.1:8000";  // net::parse_host_port accepts it once checked. Port 0: any free one.
  std::optional<TlsOptions> tls;

  bool operator==(const ListenOptions&) const = default;
};

enum class StoreKind { sqlite, memory };

struct StoreOptions {
  StoreKind kind = StoreKind::sqlite;
  std::string path;  // Empty: gateway.db in the state directory.
};

enum class LogFormat { automatic, text, json };

struct LogOptions {
  log::Level level = log::Level::info;
  LogFormat format = LogFormat::automatic;  // Text on a terminal, JSON elsewhere.
};

struct HttpOptions {
  std::uint64_t max_header_bytes = 64 << 10;
  std::uint64_t max_body_bytes = 16 << 20;  // 0 means no limit.
  Duration header_timeout = std::chrono::seconds(10);
  Duration body_timeout = std::chrono::seconds(60);  // Between two pieces of a body.
  Duration idle_timeout = std::chrono::seconds(75);
  std::uint32_t max_connections = 20'000;
  std::uint32_t max_requests_per_connection = 0;  // 0 means no limit.
  Duration drain_timeout = std::chrono::seconds(15);
  std::vector<std::string> allowed_hosts;
  std::vector<std::string> allowed_origins;
  std::vector<std::string> trusted_proxies;                 // net::AddressBlock::parse accepts each once checked.
  Duration keep_alive_interval = std::chrono::seconds(15);  // 0 means no comments.
};

struct SessionOptions {
  Duration lifetime = std::chrono::hours(24);
};

struct ProcessOptions {
  Duration start_timeout = std::chrono::seconds(60);
  Duration stop_timeout = std::chrono::seconds(5);
  Duration max_restart_delay = std::chrono::seconds(30);
  std::uint64_t log_bytes = 1 << 20;
};

struct UpstreamOptions {
  std::uint32_t max_idle_per_endpoint = 256;
  Duration idle_timeout = std::chrono::seconds(50);
};

// Where URLs may lead that users of the API and servers name. Servers of the file are the operator's own.
struct EgressOptions {
  std::vector<std::string> allow;  // net::AddressBlock::parse accepts each once checked.
  std::vector<std::string> deny;
  std::optional<bool> allow_private;  // Nothing: as long as there is no authentication.
};

// What this process does about /mcp.
enum class RouterMode {
  both,     // It is asked by clients and answers them.
  gateway,  // It is asked by clients and passes on to routers.
  router,   // It is asked by gateways.
};

struct RouterOptions {
  RouterMode mode = RouterMode::both;
  std::vector<std::string> endpoints;  // URLs of routers, each its scheme, host and port. Used by a gateway.
  std::string ca_file;                 // Trusted for them instead of the system's certificates.
  std::string secret;                  // A reference or the text; at least 16 characters once resolved.

  bool operator==(const RouterOptions&) const = default;
};

struct Options {
  std::vector<ListenOptions> listen{ListenOptions{}};
  std::string public_origin;  // Without a slash at its end; empty: made of the first address.
  bool allow_public = false;
  std::string state_directory;  // Empty: default_state_directory().
  std::uint32_t workers = 0;    // 0: one for each processor.
  StoreOptions store;
  LogOptions log;
  HttpOptions http;
  SessionOptions sessions;
  ProcessOptions processes;
  UpstreamOptions upstream;
  auth::Options auth;
  policy::Rules policy;
  limits::Rules limits;
  audit::Options audit;
  EgressOptions egress;
  catalogue::FederationOptions federation;
  std::vector<catalogue::VirtualServer> virtual_servers;
  RouterOptions router;
};

}  // namespace gw::config
