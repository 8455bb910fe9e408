#include "config/tables.h"

#include "config/audit_tables.h"
#include "config/auth_tables.h"
#include "config/federation_tables.h"
#include "config/limits_tables.h"
#include "config/policy_tables.h"

namespace gw::config {
namespace {

using namespace std::chrono_literals;
using schema::boolean;
using schema::choice;
using schema::duration;
using schema::list;
using schema::Object;
using schema::optional;
using schema::size;
using schema::small_count;
using schema::text;
using schema::texts;

constexpr Duration day = 24h;
constexpr std::uint64_t kib = 1 << 10;
constexpr std::uint64_t mib = 1 << 20;
constexpr std::uint64_t gib = 1 << 30;

Object<ListenOptions> listen_object() {
  Object<TlsOptions> tls;
  tls.field("certFile", &TlsOptions::cert_file, text(), "PEM file with the certificate and its chain.",
            {.required = true})
      .field("keyFile", &TlsOptions::key_file, text(), "PEM file with the private key.", {.required = true});
  Object<ListenOptions> listen;
  listen
      .field("address", &ListenOptions::address, text(),
             "`host:port`, for example `127.0.0.1:8000` or `[::1]:8000`. Port 0 takes any free port.",
             {.required = true})
      .field("tls", &ListenOptions::tls, optional(tls.type()), "Serve HTTPS with these files.");
  return listen;
}

Object<StoreOptions> store_object() {
  Object<StoreOptions> store;
  store
      .field("kind", &StoreOptions::kind,
             choice<StoreKind>({{"sqlite", StoreKind::sqlite}, {"memory", StoreKind::memory}}),
             "`memory` forgets everything when the gateway ends.")
      .field("path", &StoreOptions::path, text(), "The SQLite file.",
             {.default_text = "`gateway.db` in `stateDirectory`"});
  return store;
}

Object<LogOptions> log_object() {
  Object<LogOptions> log;
  log.field("level", &LogOptions::level,
            choice<log::Level>({{"debug", log::Level::debug},
                                {"info", log::Level::info},
                                {"warn", log::Level::warn},
                                {"error", log::Level::error}}),
            "The least severe events that are written.")
      .field("format", &LogOptions::format,
             choice<LogFormat>({{"auto", LogFormat::automatic}, {"text", LogFormat::text}, {"json", LogFormat::json}}),
             "`auto` writes text to a terminal and JSON elsewhere.", {.restart = true});
  return log;
}

Object<HttpOptions> http_object() {
  Object<HttpOptions> http;
  http.field("maxHeaderBytes", &HttpOptions::max_header_bytes, size(kib, mib), "The longest head of a request.")
      .field("maxBodyBytes", &HttpOptions::max_body_bytes, size(0, 64 * gib),
             "The longest body of a request. 0 means no limit.")
      .field("headerTimeout", &HttpOptions::header_timeout, duration(100ms, 10min),
             "How long a client may take to send the head of a request.")
      .field("bodyTimeout", &HttpOptions::body_timeout, duration(100ms, day),
             "How long a client may pause while it sends a body.")
      .field("idleTimeout", &HttpOptions::idle_timeout, duration(100ms, day),
             "How long a connection may be kept between two requests.")
      .field("maxConnections", &HttpOptions::max_connections, small_count(1, 1'000'000), "Client connections at once.")
      .field("maxRequestsPerConnection", &HttpOptions::max_requests_per_connection, small_count(0, 1'000'000'000),
             "After how many requests a connection is closed. 0 means never.")
      .field("drainTimeout", &HttpOptions::drain_timeout, duration(0s, day),
             "How long requests may go on after the gateway was told to stop.")
      .field("allowedHosts", &HttpOptions::allowed_hosts, texts(),
             "Names by which clients may address the gateway (the Host header); `*` allows every name. A gateway that "
             "listens on loopback addresses only is always reached by localhost and them; one that listens elsewhere "
             "answers to every name when this is empty.")
      .field("allowedOrigins", &HttpOptions::allowed_origins, texts(),
             "Web origins, such as `https://app.example.org`, whose pages may call the gateway; `*` allows every "
             "origin. Pages from this machine may always call a gateway that listens on loopback addresses only, and "
             "pages of an allowed host the gateway of that name.")
      .field("trustedProxies", &HttpOptions::trusted_proxies, texts(),
             "Address blocks, such as `10.0.0.0/8`, of proxies whose Forwarded and X-Forwarded-* headers are believed.")
      .field("keepAliveInterval", &HttpOptions::keep_alive_interval, duration(0s, 10min),
             "How often a comment is sent on an event stream that is otherwise silent. 0 means never.");
  return http;
}

Object<SessionOptions> sessions_object() {
  Object<SessionOptions> sessions;
  sessions.field("lifetime", &SessionOptions::lifetime, duration(1min, 365 * day),
                 "How long an MCP session id is accepted after it was given out.");
  return sessions;
}

Object<ProcessOptions> processes_object() {
  Object<ProcessOptions> processes;
  processes
      .field("startTimeout", &ProcessOptions::start_timeout, duration(100ms, 1h),
             "How long a process may take until it answers.")
      .field("stopTimeout", &ProcessOptions::stop_timeout, duration(0s, 10min),
             "How long a process may take to end before it is killed.")
      .field("maxRestartDelay", &ProcessOptions::max_restart_delay, duration(100ms, 1h),
             "The longest pause between two starts of a process that keeps failing.")
      .field("logBytes", &ProcessOptions::log_bytes, size(4 * kib, gib), "How much output of each instance is kept.");
  return processes;
}

Object<UpstreamOptions> upstream_object() {
  Object<UpstreamOptions> upstream;
  upstream
      .field("maxIdlePerEndpoint", &UpstreamOptions::max_idle_per_endpoint, small_count(0, 100'000),
             "Idle connections that each worker keeps to one endpoint.")
      .field("idleTimeout", &UpstreamOptions::idle_timeout, duration(100ms, 1h),
             "How long an idle connection is kept.");
  return upstream;
}

Object<RouterOptions> router_object() {
  Object<RouterOptions> router;
  router
      .field("mode", &RouterOptions::mode,
             choice<RouterMode>(
                 {{"both", RouterMode::both}, {"gateway", RouterMode::gateway}, {"router", RouterMode::router}}),
             "What this process does about `/mcp` and virtual servers: `both` answers clients itself, `gateway` passes "
             "their requests on to routers, `router` answers gateways. `serve --role` wins over it.",
             {.restart = true})
      .field("endpoints", &RouterOptions::endpoints, texts(),
             "Where a gateway finds its routers, one URL for each process: `http://router-0:8000`.", {.restart = true})
      .field("caFile", &RouterOptions::ca_file, text(),
             "Certificates that a gateway trusts for routers at `https` URLs, in PEM.",
             {.restart = true, .default_text = "those of the system"})
      .field("secret", &RouterOptions::secret, text(),
             "What a gateway and its routers know and nobody else, best as a reference: `${file:/run/secrets/router}`. "
             "At least 16 characters, the same for all of them.",
             {.restart = true});
  return router;
}

Object<Options> make_options_object() {
  Object<Options> options;
  options
      .field("listen", &Options::listen, list(listen_object().type()), "Where clients reach the gateway.",
             {.restart = true, .default_text = "`127.0.0.1:8000`"})
      .field("allowPublic", &Options::allow_public, boolean(),
             "Listen on addresses that other machines can reach although `auth` keeps nobody out: whoever reaches the "
             "gateway can use every server and change the configuration.",
             {.restart = true})
      .field("publicOrigin", &Options::public_origin, text(),
             "How clients reach the gateway, such as `https://gateway.example.org`: what tokens are meant for and "
             "metadata names.",
             {.default_text = "the first address of `listen`"})
      .field(
          "stateDirectory", &Options::state_directory, text(), "Where the gateway keeps what it must remember.",
          {.restart = true,
           .default_text = "`$STATE_DIRECTORY`, else `$XDG_STATE_HOME/mcp-gateway`, else `~/.local/state/mcp-gateway`"})
      .field("workers", &Options::workers, small_count(0, 1024),
             "Threads that serve requests. 0 means one for each processor.", {.restart = true})
      .field("store", &Options::store, store_object().type(), "Where adapters that are made through the API are kept.",
             {.restart = true})
      .field("log", &Options::log, log_object().type(), "The log on standard error.")
      .field("http", &Options::http, http_object().type(), "Limits and rules for clients.", {.restart = true})
      .field("sessions", &Options::sessions, sessions_object().type(), "MCP sessions.", {.restart = true})
      .field("processes", &Options::processes, processes_object().type(), "Local processes.", {.restart = true})
      .field("upstream", &Options::upstream, upstream_object().type(), "Connections to servers.", {.restart = true})
      .field("auth", &Options::auth, auth_object().type(),
             "Who may call. Without any way to authenticate nobody is asked.")
      .field("policy", &Options::policy, policy_object().type(), "Rules about who may use what, and how.")
      .field("limits", &Options::limits, list(limit_object().type()), "How often and how many at once.")
      .field("audit", &Options::audit, audit_object().type(), "The record of every decision and every change.",
             {.restart = true})
      .field("egress", &Options::egress, egress_object().type(),
             "Where URLs may lead that users of the API, tokens and servers name. Servers of this file are not "
             "concerned.",
             {.restart = true})
      .field("federation", &Options::federation, federation_object().type(), "All servers as one, under `/mcp`.")
      .field("virtualServers", &Options::virtual_servers, list(virtual_server_object().type()),
             "Named selections of what `/mcp` offers, under `/servers/{name}/mcp`.")
      .field("router", &Options::router, router_object().type(),
             "`/mcp` as a service of its own: routers and gateways.", {.restart = true});
  return options;
}

Object<ServerDocument> server_object(const Object<model::AdapterDocument>& resource) {
  Object<ServerDocument> server;
  // What one kind of resource does not have is left out.
  const auto take = [&](std::string_view name, std::string as = {}, schema::FieldOptions options = {}) {
    if (resource.table().find(name) != nullptr) {
      server.include(resource, &ServerDocument::adapter, name, std::move(as), std::move(options));
    }
  };
  for (const char* name : {"name", "description", "toolDefinition", "url", "headers"}) take(name);
  server.field("credential", &ServerDocument::credential, optional(text()),
               "The Authorization header for `url`, best as a reference: `Bearer ${env:TOKEN}`.");
  for (const char* name : {"hostname", "caFile", "caCert", "command", "args"}) take(name);
  take("environmentVariables", "env", {.aliases = {"environmentVariables"}});
  for (const char* name :
       {"cwd", "transport", "path", "session", "imageName", "imageVersion", "replicaCount", "enabled"}) {
    take(name);
  }
  server.field("state", &ServerDocument::state,
               optional(choice<ServerState>({{"Enabled", ServerState::enabled}, {"Disabled", ServerState::disabled}})),
               "Another way to write `enabled`.");
  for (const char* name : {"federated", "pinned", "sessionSharing"}) take(name);
  take("toolPrefix", "toolPrefix", {.aliases = {"prefix"}});
  for (const char* name :
       {"requiredRoles", "useWorkloadIdentity", "forwardedIdentity", "category", "hint", "tags", "limits"})
    take(name);
  for (const auto& [name, sentence] : resource.table().refused()) server.refuse(name, sentence);
  return server;
}

Object<ConfigDocument> make_config_object() {
  Object<ConfigDocument> config;
  for (const auto& field : options_object().table().fields()) {
    config.include(options_object(), &ConfigDocument::options, field.name, {}, field.options);
  }
  config.field("servers", &ConfigDocument::servers, list(server_object(model::adapter_object()).type()),
               "The MCP servers. Each has exactly one source: `url`, `command`, or `imageName` with `imageVersion`.");
  config.field("tools", &ConfigDocument::tools, list(server_object(model::tool_object()).type()),
               "Tools that are called by plain HTTP and offered under `/mcp`. Each has exactly one source, like a "
               "server, and shares its name with none.");
  return config;
}

}  // namespace

const schema::Object<Options>& options_object() {
  static const auto object = make_options_object();
  return object;
}

const schema::Object<ConfigDocument>& config_object() {
  static const auto object = make_config_object();
  return object;
}

}  // namespace gw::config
