// Sessions on legacy servers, for all workers.
#pragma once

#include <atomic>
#include <cstdint>
#include <list>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "peer/channels.h"
#include "peer/options.h"
#include "peer/server_info.h"
#include "routing/route_table.h"

namespace gw::peer {

// Whose session it is: what two requests must have in common to share one.
struct SessionKey {
  std::string_view adapter_uid;
  std::string_view user;
  std::string_view capabilities;  // Outbound::canonical.
  std::string_view client;        // The client's own session where the adapter wants one each; else empty.

  bool operator==(const SessionKey&) const = default;
};

// One session. What is const was said when it was opened; the rest is thread-safe.
struct Session {
  // `where` is one of the endpoints of the route.
  Session(routing::RoutePtr route_then, const routing::Endpoint& where, std::string upstream_id, ServerInfoPtr said)
      : route(std::move(route_then)), endpoint(where), id(std::move(upstream_id)), info(std::move(said)) {}

  const routing::RoutePtr route;  // As it was when the session was opened.
  const routing::Endpoint& endpoint;
  const std::string id;  // Mcp-Session-Id; empty when the server has none. HTTP+SSE: where messages go.
  const ServerInfoPtr info;
  std::string identity_fields;  // With which it was opened; its end is announced with the same.
  ChannelPtr channel;           // HTTP+SSE: the stream that the session is.

  // Unique within the session; also the progress token of the request. 0 is the handshake.
  std::uint64_t next_id() { return ids_.fetch_add(1, std::memory_order_relaxed); }
  std::atomic<bool> lost = false;         // The server does not know it any more.
  std::atomic<int> log_level = no_level;  // Index of the level that was set; levels above it are not sent.
  static constexpr int no_level = 8;

  std::mutex mutex;                         // For what follows.
  std::map<std::string, unsigned> watched;  // Subscribed resources, and how many listeners want each.
  std::weak_ptr<Channel> announcements;     // The GET stream, while somebody listens.

 private:
  std::atomic<std::uint64_t> ids_ = 1;
};
using SessionPtr = std::shared_ptr<Session>;

// Thread-safe; locked for look-ups only. When it is full, the session that was not used for longest leaves. Sessions
// that left and those that are idle for too long are to be ended on their servers: take_ended().
class SessionTable {
 public:
  explicit SessionTable(const Options& options) : options_(options) {}

  // Null when there is none. Counts as a use. It may be lost: then another is to be opened, with what this one had set.
  SessionPtr find(const SessionKey& key, SteadyTime now);
  // Replaces what was there.
  void put(const SessionKey& key, SessionPtr session, SteadyTime now);
  // The adapter is gone or became another.
  void remove_adapter(std::string_view adapter_uid);
  // The gateway stops.
  void end_all();
  // Sessions to be ended, at most `max`, each once: idle or given up, and without a call or a listener.
  std::vector<SessionPtr> take_ended(SteadyTime now, std::size_t max);
  std::size_t size() const;

 private:
  struct Entry {
    std::string adapter_uid;
    std::string user;
    std::string capabilities;
    std::string client;
    SessionPtr session;
    SteadyTime used;
    SessionKey key() const { return {adapter_uid, user, capabilities, client}; }
  };
  using Entries = std::list<Entry>;
  struct Hash {
    std::size_t operator()(const SessionKey& key) const;
  };
  void end(Entries::iterator entry);

  const Options& options_;
  mutable std::mutex mutex_;
  Entries entries_;  // The one used last at the end.
  std::unordered_map<SessionKey, Entries::iterator, Hash> by_key_;
  std::vector<SessionPtr> ended_;
};

}  // namespace gw::peer
