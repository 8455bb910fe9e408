// RemotePeer::listen: what servers say without being asked.
#include <algorithm>
#include <optional>

#include "base/log.h"
#include "base/strings.h"
#include "mcp/json_text.h"
#include "peer/detect.h"
#include "peer/remote_peer.h"
#include "peer/sessions.h"

namespace gw::peer {
namespace {

constexpr std::string_view meta_key = "_meta";
constexpr std::string_view subscription_key = "io.modelcontextprotocol/subscriptionId";

bool flag(std::string_view capabilities, std::string_view member, std::string_view name) {
  return mcp::json_member(mcp::json_member(capabilities, member), name) == "true";
}

// What of `wanted` a server with these capabilities tells of.
Interest promised(const Interest& wanted, std::string_view capabilities) {
  return {.tools = wanted.tools && flag(capabilities, "tools", "listChanged"),
          .prompts = wanted.prompts && flag(capabilities, "prompts", "listChanged"),
          .resources = wanted.resources && flag(capabilities, "resources", "listChanged"),
          .uris = flag(capabilities, "resources", "subscribe") ? wanted.uris : std::vector<std::string>()};
}

bool is_empty(const Interest& interest) {
  return !interest.tools && !interest.prompts && !interest.resources && interest.uris.empty();
}

Error nothing_to_hear() {
  return {Errc::unsupported, "the server tells of no such changes"};
}

std::string uri_params(std::string_view uri) {
  return fmt::format(R"({{"uri":{}}})", json_quote(uri));
}

std::string without_subscription(std::string_view params) {
  const std::string meta = without_member(mcp::json_member(params, meta_key), subscription_key);
  std::string rest = without_member(params, meta_key);
  if (meta == "{}") return rest;
  rest.pop_back();
  if (rest.size() > 1) rest += ',';
  return rest + "\"_meta\":" + meta + "}";
}

void tell(Listener& listener, const mcp::Message& message) {
  if (message.kind != mcp::Kind::notification) return;
  const std::string_view params = message.params.empty() ? "{}" : message.params;
  if (message.subscription_id.empty()) {
    listener.heard(message.method, params);
  } else {
    listener.heard(message.method, without_subscription(params));
  }
}

Task<> unsubscribe(Outbound& outbound, SessionPtr session, Ask ask, std::string uri) {
  NoEvents nobody;
  {
    LegacyExchange exchange(outbound, *session->route, session, ask, nobody);
    co_await exchange.run("resources/unsubscribe", uri_params(uri));
  }
  bool wanted_again = false;
  {
    const std::lock_guard lock(session->mutex);
    wanted_again = session->watched.contains(uri);
  }
  if (!wanted_again) co_return;
  LegacyExchange exchange(outbound, *session->route, session, ask, nobody);
  co_await exchange.run("resources/subscribe", uri_params(uri));
}

// The resources of one listener in a session; unsubscribes what nobody else wants when it ends.
class Watch {
 public:
  Watch(Outbound& outbound, SessionPtr session, const Ask& ask)
      : outbound_(outbound), session_(std::move(session)), ask_(ask) {}
  ~Watch() {
    for (const std::string& uri : uris_) {
      {
        const std::lock_guard lock(session_->mutex);
        const auto it = session_->watched.find(uri);
        if (--it->second > 0) continue;
        session_->watched.erase(it);
      }
      if (session_->lost) continue;
      outbound_.in_background("peer.unsubscribe", unsubscribe(outbound_, session_, ask_, uri));
    }
  }
  Watch(const Watch&) = delete;
  Watch& operator=(const Watch&) = delete;

  // Whether the server agreed.
  Task<bool> add(const std::string& uri) {
    {
      const std::lock_guard lock(session_->mutex);
      ++session_->watched[uri];
    }
    uris_.push_back(uri);
    NoEvents nobody;
    LegacyExchange exchange(outbound_, *session_->route, session_, ask_, nobody);
    const auto done = co_await exchange.run("resources/subscribe", uri_params(uri));
    if (!done && done.error().lost) session_->lost = true;
    co_return done.has_value() && !done->failed;
  }

 private:
  Outbound& outbound_;
  const SessionPtr session_;
  const Ask& ask_;
  std::vector<std::string> uris_;
};

// The stream on which the session's own notifications come; one for all who listen.
ChannelPtr announcements_of(Outbound& outbound, const routing::RoutePtr& route, Session& session, const Ask& ask) {
  if (session.channel) return session.channel;
  const std::lock_guard lock(session.mutex);
  ChannelPtr channel = session.announcements.lock();
  if (channel != nullptr && !channel->ended()) return channel;
  std::string fields = caller_fields(ask);
  if (!session.id.empty()) fields.append("Mcp-Session-Id: ").append(session.id).append("\r\n");
  const std::string_view version = version_field(session);
  if (!version.empty()) fields.append("MCP-Protocol-Version: ").append(version).append("\r\n");
  channel = outbound.shared.channels.open(
      {.route = route, .endpoint = session.endpoint, .target = session.endpoint.path, .fields = std::move(fields)});
  session.announcements = channel;
  return channel;
}

Task<Result<>> listen_legacy(Outbound& outbound, const routing::RoutePtr& route, SessionPtr session, const Ask& ask,
                             const Interest& interest, Listener& listener) {
  Interest honoured = promised(interest, session->info->capabilities);
  if (is_empty(honoured)) co_return std::unexpected(nothing_to_hear());
  const ChannelPtr channel = announcements_of(outbound, route, *session, ask);
  Mailbox mailbox(outbound.shared.options.max_message);
  const auto subscription = channel->for_announcements(mailbox);
  const auto opened = co_await channel->opened();
  if (!opened) {
    if (opened.error().code() == Errc::not_found) session->lost = true;
    co_return std::unexpected(opened.error());
  }
  Watch watch(outbound, session, ask);
  std::vector<std::string> agreed;
  for (const std::string& uri : honoured.uris) {
    if (co_await watch.add(uri)) agreed.push_back(uri);
  }
  honoured.uris = std::move(agreed);
  listener.listening(honoured);
  while (true) {
    const auto text = co_await mailbox.next();
    if (!text) {
      const bool gone = session->channel != nullptr || text.error().code() == Errc::not_found;
      if (gone) session->lost = true;
      co_return std::unexpected(text.error());
    }
    if (text->empty()) {
      listener.listening(honoured);
    } else if (const auto message = mcp::scan(*text, {.max_bytes = outbound.shared.options.max_message})) {
      tell(listener, *message);
    }
  }
}

std::string listen_params(const Interest& interest) {
  std::string filter;
  const auto add = [&filter](std::string_view member) {
    if (!filter.empty()) filter += ',';
    filter += member;
  };
  if (interest.tools) add(R"("toolsListChanged":true)");
  if (interest.prompts) add(R"("promptsListChanged":true)");
  if (interest.resources) add(R"("resourcesListChanged":true)");
  if (!interest.uris.empty()) {
    std::string list;
    for (const std::string& uri : interest.uris) list.append(list.empty() ? "" : ",").append(json_quote(uri));
    add("\"resourceSubscriptions\":[" + list + "]");
  }
  return "{\"notifications\":{" + filter + "}}";
}

Interest acknowledged(std::string_view params) {
  const std::string_view honoured = mcp::json_member(params, "notifications");
  Interest interest{.tools = mcp::json_member(honoured, "toolsListChanged") == "true",
                    .prompts = mcp::json_member(honoured, "promptsListChanged") == "true",
                    .resources = mcp::json_member(honoured, "resourcesListChanged") == "true",
                    .uris = {}};
  const std::string_view uris = mcp::json_member(honoured, "resourceSubscriptions");
  if (!uris.starts_with('[')) return interest;
  mcp::JsonScanner json(uris, 8);
  std::string_view element;
  for (json.enter_array(); json.next_element();) {
    if (!json.take(element)) break;
    if (mcp::is_json_string(element)) interest.uris.push_back(mcp::json_unquote(element));
  }
  return interest;
}

Task<Result<>> listen_modern(Outbound& outbound, const routing::AdapterRoute& route, const ServerInfo& info, Ask ask,
                             const Interest& interest, Listener& listener) {
  const Interest wanted = promised(interest, info.capabilities);
  if (is_empty(wanted)) co_return std::unexpected(nothing_to_hear());
  ask.method = "subscriptions/listen";
  ask.params = listen_params(wanted);
  ask.repeatable = true;
  const std::uint64_t id = outbound.shared.next_id.fetch_add(1, std::memory_order_relaxed);
  auto messages = co_await begin_modern(outbound, route, info.version, ask, id, route.response_timeout);
  if (!messages) co_return std::unexpected(messages.error().error);
  while (true) {
    GW_CO_TRY(const auto text, co_await messages->next(Duration::max()));
    if (!text) co_return fail(Errc::unavailable, "the server's stream of events ended");
    const auto message = mcp::scan(*text, {.max_bytes = outbound.shared.options.max_message});
    if (!message) continue;
    if (message->kind == mcp::Kind::error_response) {
      GW_CO_TRY(const Outcome refusal, to_outcome(*message));
      const bool unknown = refusal.failed->code == mcp::code::method_not_found;
      co_return fail(unknown ? Errc::unsupported : Errc::upstream, "the server does not let the gateway listen: {}",
                     printable(refusal.failed->message));
    }
    if (message->kind == mcp::Kind::response) co_return Result<>();
    if (message->method == "notifications/cancelled") co_return Result<>();
    if (message->method == "notifications/subscriptions/acknowledged") {
      listener.listening(acknowledged(message->params));
    } else {
      tell(listener, *message);
    }
  }
}

}  // namespace

Task<Result<>> RemotePeer::listen(Ask ask, Interest interest, Listener& listener) {
  const routing::RoutePtr route = outbound_.routes.find(adapter_);
  if (route == nullptr) co_return fail(Errc::not_found, "there is no adapter '{}'", printable(adapter_, 80));
  Result<> ended;
  const auto info = co_await find_out(outbound_, route, ask);
  if (!info) {
    ended = std::unexpected(info.error().error);
  } else if ((*info)->dialect == Dialect::modern) {
    ended = co_await listen_modern(outbound_, *route, **info, ask, interest, listener);
  } else {
    const SessionOwner owner(outbound_, route, ask.client);
    const auto session = co_await session_for(outbound_, owner, *info, ask);
    if (!session) {
      ended = std::unexpected(session.error().error);
    } else {
      ended = co_await listen_legacy(outbound_, route, *session, ask, interest, listener);
    }
  }
  if (!ended) ended = std::unexpected(ended.error().within("adapter '" + adapter_ + "'"));
  co_return ended;
}

}  // namespace gw::peer
