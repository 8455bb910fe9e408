#include "peer/sessions.h"

#include <algorithm>

#include "base/log.h"
#include "base/strings.h"
#include "mcp/json_text.h"
#include "runtime/race.h"

namespace gw::peer {
namespace {

constexpr std::size_t longest_session_id = 1'024;

std::string initialize_params(const Options& options, std::string_view capabilities) {
  return fmt::format(R"({{"protocolVersion":"{}","capabilities":{},"clientInfo":{{"name":{},"version":{}}}}})",
                     mcp::latest_legacy_version, without_member(capabilities, "extensions"), json_quote(options.name),
                     json_quote(options.version));
}

std::string text_of(std::string_view raw) {
  return mcp::is_json_string(raw) ? mcp::json_unquote(raw) : std::string();
}

Result<ServerInfo> read_handshake(std::string_view result, Dialect dialect) {
  ServerInfo info{.dialect = dialect,
                  .version = text_of(mcp::json_member(result, "protocolVersion")),
                  .capabilities = std::string(mcp::json_member(result, "capabilities")),
                  .instructions = text_of(mcp::json_member(result, "instructions")),
                  .implementation = std::string(mcp::json_member(result, "serverInfo"))};
  if (!mcp::is_legacy_version(info.version)) {
    return fail(Errc::upstream, "the server chose the revision '{}' in its handshake, which the gateway does not know",
                printable(info.version, 40));
  }
  if (!mcp::is_json_object(info.capabilities)) info.capabilities = "{}";
  return info;
}

bool is_session_id(std::string_view id) {
  return id.size() <= longest_session_id && std::ranges::all_of(id, [](char c) { return c > ' ' && c <= '~'; });
}

Trouble no_endpoint(const routing::AdapterRoute& route) {
  return {Error(Errc::unavailable,
                route.unavailable_reason.empty() ? "none of its endpoints is ready" : route.unavailable_reason),
          false, false, 0};
}

// A server that was taken for `dialect` refused the handshake with `trouble`. Forgets what was known, and whether it is
// worth asking again: it may have become modern, or speak HTTP+SSE.
bool reconsider(Outbound& outbound, const routing::AdapterRoute& route, Dialect dialect, const Trouble& trouble) {
  if (!is_foreign(trouble.status)) return false;
  EraCache& eras = outbound.shared.eras;
  eras.forget(route);
  const bool has_stream = std::ranges::any_of(route.endpoints, [](const auto& e) { return !e.sse_path.empty(); });
  if (dialect == Dialect::legacy && has_stream) {
    eras.put(route, std::make_shared<const ServerInfo>(ServerInfo{.dialect = Dialect::sse}), steady_now(),
             outbound.shared.options.era_lifetime);
  }
  return true;
}

// One opening of a session at one endpoint.
class Opening {
 public:
  Opening(Outbound& outbound, const SessionOwner& owner, Dialect dialect, const Ask& ask)
      : outbound_(outbound), owner_(owner), dialect_(dialect), ask_(ask) {}

  Task<std::expected<SessionPtr, Trouble>> at(const routing::Endpoint& endpoint) {
    ChannelPtr channel;
    std::string id;
    if (dialect_ == Dialect::sse) {
      channel = outbound_.shared.channels.open({.route = owner_.route,
                                                .endpoint = endpoint,
                                                .target = endpoint.sse_path,
                                                .fields = caller_fields(ask_),
                                                .is_session = true});
      auto target = co_await with_timeout(outbound_.shared.options.probe_timeout, channel->opened());
      if (!target)
        co_return std::unexpected(Trouble{{Errc::timeout, "the server did not name where messages go"}, false});
      if (!*target) co_return std::unexpected(Trouble{target->error(), false});
      id = **target;
    }
    const auto provisional = std::make_shared<Session>(
        owner_.route, endpoint, id, std::make_shared<const ServerInfo>(ServerInfo{.dialect = dialect_}));
    provisional->channel = channel;
    LegacyExchange handshake(outbound_, *owner_.route, provisional, ask_, nobody_);
    auto answer =
        co_await handshake.run("initialize", initialize_params(outbound_.shared.options, *owner_.capabilities));
    if (!answer) co_return std::unexpected(answer.error());
    if (answer->failed) {
      co_return std::unexpected(Trouble{
          {Errc::upstream, fmt::format("the server refused the handshake: {}", printable(answer->failed->message))},
          false,
          false,
          400});
    }
    auto info = read_handshake(answer->result, dialect_);
    if (!info) co_return std::unexpected(Trouble{info.error(), false});
    if (dialect_ == Dialect::legacy) id = handshake.given_session();
    if (!is_session_id(id))
      co_return std::unexpected(Trouble{{Errc::upstream, "the server's session id is no id"}, false});

    const auto session = std::make_shared<Session>(owner_.route, endpoint, std::move(id),
                                                   outbound_.shared.eras.learn(*owner_.route, *std::move(info)));
    session->identity_fields = ask_.identity_fields;
    session->channel = std::move(channel);
    const auto begun = co_await post_in_session(outbound_, *owner_.route, *session, caller_fields(ask_),
                                                R"({"jsonrpc":"2.0","method":"notifications/initialized"})");
    if (!begun) co_return std::unexpected(Trouble{begun.error(), false});
    co_return session;
  }

 private:
  Outbound& outbound_;
  const SessionOwner& owner_;
  const Dialect dialect_;
  const Ask& ask_;
  NoEvents nobody_;
};

Task<std::expected<SessionPtr, Trouble>> open(Outbound& outbound, const SessionOwner& owner, Dialect dialect,
                                              const Ask& ask) {
  Trouble last = no_endpoint(*owner.route);
  for (const routing::Endpoint* endpoint : outbound.selector.for_new_session(*owner.route)) {
    if ((dialect == Dialect::sse ? endpoint->sse_path : endpoint->path).empty()) continue;
    auto session = co_await Opening(outbound, owner, dialect, ask).at(*endpoint);
    if (session) {
      outbound.counters.sessions_opened.add();
      co_return session;
    }
    last = session.error();
    if (last.error.code() != Errc::unavailable && last.error.code() != Errc::timeout) break;
  }
  last.lost = false;
  co_return std::unexpected(last);
}

bool is_usable(const SessionPtr& session, const routing::AdapterRoute& route) {
  return session != nullptr && !session->lost && route.find(session->endpoint.id) != nullptr &&
         !(session->channel && session->channel->ended());
}

// One opens; who wants the same meanwhile waits for it.
Task<std::expected<SessionPtr, Trouble>> open_in_turn(Outbound& outbound, const SessionOwner& owner,
                                                      const ServerInfoPtr& server, const Ask& ask) {
  SessionTable& table = outbound.shared.sessions;
  const SessionKey key = owner.key();
  while (true) {
    auto turn = co_await outbound.shared.flights.take_turn(
        fmt::format("session\n{}\n{}\n{}\n{}", key.adapter_uid, key.user, key.client, key.capabilities));
    if (!turn) {
      Trouble trouble{turn.error(), false};
      const auto known = outbound.shared.eras.find(*owner.route, steady_now());
      trouble.other_dialect = known == nullptr || known->dialect != server->dialect;
      co_return std::unexpected(trouble);
    }
    const SessionPtr present = table.find(key, steady_now());
    if (is_usable(present, *owner.route)) co_return present;
    if (!*turn) continue;

    auto opened = co_await open(outbound, owner, server->dialect, ask);
    if (!opened) {
      // Before the others look: they are to find what is known now.
      opened.error().other_dialect = reconsider(outbound, *owner.route, server->dialect, opened.error());
      (*turn)->failed(opened.error().error);
      co_return opened;
    }
    if (present != nullptr) {
      present->lost = true;
      if (const int level = present->log_level; level != Session::no_level) {
        co_await want_log_level(outbound, *owner.route, *opened, level, ask);
      }
    }
    table.put(key, *opened, steady_now());
    co_return opened;
  }
}

}  // namespace

SessionOwner::SessionOwner(Outbound& outbound, routing::RoutePtr its_route, ClientPtr its_client)
    : route(std::move(its_route)),
      client(std::move(its_client)),
      capabilities(outbound.canonical(client->capabilities)) {}

SessionKey SessionOwner::key() const {
  return {.adapter_uid = route->uid,
          .user = client->who != nullptr ? std::string_view(client->who->user) : std::string_view(),
          .capabilities = *capabilities,
          .client = route->session_per_client ? std::string_view(client->session) : std::string_view()};
}

MaybeTask<std::expected<SessionPtr, Trouble>> session_for(Outbound& outbound, const SessionOwner& owner,
                                                          const ServerInfoPtr& server, const Ask& ask) {
  SessionPtr present = outbound.shared.sessions.find(owner.key(), steady_now());
  if (is_usable(present, *owner.route)) return std::expected<SessionPtr, Trouble>(std::move(present));
  return open_in_turn(outbound, owner, server, ask);
}

Task<> want_log_level(Outbound& outbound, const routing::AdapterRoute& route, const SessionPtr& session, int level,
                      const Ask& ask) {
  if (session->log_level <= level || mcp::json_member(session->info->capabilities, "logging").empty()) co_return;
  NoEvents nobody;
  LegacyExchange exchange(outbound, route, session, ask, nobody);
  const auto set = co_await exchange.run("logging/setLevel", fmt::format(R"({{"level":"{}"}})", log_level_name(level)));
  if (set) session->log_level = level;  // Also when it refused: asking again would not help.
}

}  // namespace gw::peer
