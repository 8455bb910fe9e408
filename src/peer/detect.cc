#include "peer/detect.h"

#include <algorithm>

#include "base/log.h"
#include "mcp/json_text.h"

namespace gw::peer {
namespace {

std::string text_of(std::string_view raw) {
  return mcp::is_json_string(raw) ? mcp::json_unquote(raw) : std::string();
}

// The newest revision that both know, of a raw list; nothing when there is none.
std::optional<std::string> common_version(std::string_view list) {
  mcp::JsonScanner json(list, 8);
  std::string_view element;
  for (json.enter_array(); json.next_element();) {
    if (!json.take(element)) break;
    const std::string version = text_of(element);
    if (std::ranges::find(mcp::modern_versions, version) != std::end(mcp::modern_versions)) return version;
  }
  return {};
}

ServerInfo modern_info(std::string version) {
  ServerInfo info;
  info.dialect = Dialect::modern;
  info.version = std::move(version);
  return info;
}

// What the answer to server/discover says.
ServerInfo judge(const Outcome& outcome) {
  if (outcome.failed) {
    if (outcome.failed->code == mcp::code::unsupported_protocol_version) {
      const auto version = common_version(mcp::json_member(outcome.failed->data, "supported"));
      return version ? modern_info(*version) : ServerInfo();
    }
    return is_modern_refusal(outcome.failed->code) ? modern_info(std::string(mcp::modern_versions[0])) : ServerInfo();
  }
  const auto version = common_version(mcp::json_member(outcome.result, "supportedVersions"));
  if (!version) return {};
  ServerInfo info = modern_info(*version);
  const std::string_view capabilities = mcp::json_member(outcome.result, "capabilities");
  if (mcp::is_json_object(capabilities)) info.capabilities = capabilities;
  info.instructions = text_of(mcp::json_member(outcome.result, "instructions"));
  info.implementation =
      mcp::json_member(mcp::json_member(outcome.result, "_meta"), "io.modelcontextprotocol/serverInfo");
  return info;
}

// Whether a failure tells nothing about the era.
bool is_silent(const Trouble& trouble) {
  switch (trouble.status) {
    case 0:
      return trouble.error.code() == Errc::unavailable || (trouble.error.code() == Errc::timeout && !trouble.accepted);
    case 401:
    case 403:
    case 429:
    case 502:
    case 503:
    case 504: return true;
    default: return false;
  }
}

Task<std::expected<ServerInfo, Trouble>> probe(Outbound& outbound, const routing::AdapterRoute& route, const Ask& ask) {
  const auto has_path = [](const routing::Endpoint& endpoint) { return !endpoint.path.empty(); };
  if (!route.endpoints.empty() && std::ranges::none_of(route.endpoints, has_path)) {
    co_return ServerInfo{.dialect = Dialect::sse};
  }
  outbound.counters.probes.add();
  Ask discover{.client = ask.client,
               .method = "server/discover",
               .name = {},
               .extra_fields = {},
               .identity_fields = ask.identity_fields,
               .request_id = ask.request_id,
               .log_level = {},
               .repeatable = true};
  NoEvents nobody;
  routing::AdapterRoute patient = route;
  patient.response_timeout = std::min(route.response_timeout, outbound.shared.options.probe_timeout);
  const auto answer = co_await modern_exchange(outbound, patient, mcp::modern_versions[0], discover, nobody);
  if (answer) co_return judge(*answer);
  if (is_silent(answer.error())) co_return std::unexpected(answer.error());
  co_return ServerInfo();
}

Task<std::expected<ServerInfoPtr, Trouble>> find_out_in_turn(Outbound& outbound, const routing::RoutePtr& route,
                                                             const Ask& ask) {
  EraCache& eras = outbound.shared.eras;
  while (true) {
    auto turn = co_await outbound.shared.flights.take_turn("era\n" + route->uid);
    if (!turn) co_return std::unexpected(Trouble{turn.error(), false});
    if (auto known = eras.find(*route, steady_now())) co_return known;
    if (!*turn) continue;
    auto found = co_await probe(outbound, *route, ask);
    if (!found) {
      (*turn)->failed(found.error().error);
      co_return std::unexpected(found.error());
    }
    const auto info = std::make_shared<const ServerInfo>(*std::move(found));
    log::debug("peer.dialect", {{"adapter", route->name}, {"dialect", to_string(info->dialect)}});
    eras.put(*route, info, steady_now(), outbound.shared.options.era_lifetime);
    co_return info;
  }
}

}  // namespace

MaybeTask<std::expected<ServerInfoPtr, Trouble>> find_out(Outbound& outbound, const routing::RoutePtr& route,
                                                          const Ask& ask) {
  if (auto known = outbound.shared.eras.find(*route, steady_now())) {
    return std::expected<ServerInfoPtr, Trouble>(std::move(known));
  }
  return find_out_in_turn(outbound, route, ask);
}

}  // namespace gw::peer
