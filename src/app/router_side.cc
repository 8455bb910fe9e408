#include "app/router_side.h"

#include <boost/json.hpp>

#include "auth/shortest_secret.h"
#include "base/files.h"
#include "federation/federation.h"
#include "http/fields.h"
#include "json/timestamp.h"
#include "model/reference.h"

namespace gw::app {
namespace {

using config::RouterMode;

Result<SecretString> shared_secret(const config::RouterOptions& options, const config::Environment& environment) {
  const std::string field = "router.secret";
  auto resolved = model::resolve_references(options.secret, {.env = environment, .file = [](const std::string& path) {
                                                               return read_regular_file(path, 1 << 20);
                                                             }});
  if (!resolved) return std::unexpected(resolved.error().within(field).at(field));
  SecretString secret(*std::move(resolved));
  if (secret.reveal().size() < auth::shortest_secret) {
    return std::unexpected(
        Error(Errc::invalid, fmt::format("{}: must have at least {} characters", field, auth::shortest_secret), field));
  }
  if (!http::is_field_value(secret.reveal())) {
    return std::unexpected(
        Error(Errc::invalid, field + ": must have printable characters only and no blank at its ends", field));
  }
  return secret;
}

Result<std::vector<proxy::Routers::Router>> routers_of(const config::RouterOptions& options) {
  std::shared_ptr<const net::TlsContext> tls;
  std::vector<proxy::Routers::Router> routers;
  for (const std::string& text : options.endpoints) {
    GW_TRY(const auto url, routing::parse_upstream_url(text));
    if (url.https && tls == nullptr) {
      auto made = net::TlsContext::client(options.ca_file);
      if (!made) return std::unexpected(made.error().within("router.caFile"));
      tls = *std::move(made);
    }
    routing::Endpoint endpoint{.id = "router " + url.authority, .address = url.address, .host = url.authority};
    if (url.https) endpoint.tls = tls;
    routers.push_back({.url = text, .endpoint = std::move(endpoint)});
  }
  return routers;
}

}  // namespace

Result<RouterSide> open_router_side(const config::RouterOptions& options, const config::Environment& environment) {
  RouterSide side;
  if (options.mode == RouterMode::both) {
    if (options.endpoints.empty()) return side;
    return fail(Errc::invalid,
                "router.endpoints names routers, but this process would ask none of them: set router.mode, or start it "
                "with --role gateway, and the routers with --role router");
  }
  GW_TRY(auto secret, shared_secret(options, environment));
  if (options.mode == RouterMode::router) {
    side.for_gateways = std::make_unique<front::ForGateways>(
        front::ForGateways{.paths = federation::Federation::serves, .secret = std::move(secret)});
    return side;
  }
  GW_TRY(auto routers, routers_of(options));
  side.routers = std::make_unique<proxy::Routers>(std::move(routers), std::move(secret));
  return side;
}

Result<session::Keyring> session_keys(const RouterSide& side, const std::filesystem::path& file) {
  if (side.for_gateways == nullptr) return session::Keyring::load_or_create(file);
  return session::Keyring::from_secret(side.for_gateways->secret.reveal());
}

std::string_view to_string(RouterMode mode) {
  switch (mode) {
    case RouterMode::both: return "both";
    case RouterMode::gateway: return "gateway";
    case RouterMode::router: return "router";
  }
  return "both";
}

boost::json::array routers_json(const proxy::Routers& routers) {
  boost::json::array list;
  for (const proxy::Routers::Status& router : routers.status()) {
    boost::json::object entry{{"url", router.url},
                              {"state", router.reachable ? "reachable" : "unreachable"},
                              {"since", json::format_timestamp(router.since)}};
    if (!router.error.empty()) entry["error"] = router.error;
    list.push_back(std::move(entry));
  }
  return list;
}

}  // namespace gw::app
