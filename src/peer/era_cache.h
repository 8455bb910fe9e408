// Which dialect each adapter's server speaks, as far as that is known.
#pragma once

#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>

#include "peer/server_info.h"
#include "routing/route.h"
#include "runtime/time.h"

namespace gw::peer {

// Thread-safe; locked for look-ups only. A verdict counts for one adapter (uid) at one address, until it expires or
// somebody learns better.
class EraCache {
 public:
  // Null when nothing is known. Of legacy servers only the dialect counts: the rest is each session's own, and empty
  // until one was opened.
  ServerInfoPtr find(const routing::AdapterRoute& route, SteadyTime now) const;
  void put(const routing::AdapterRoute& route, ServerInfoPtr info, SteadyTime now, Duration lifetime);
  // Somebody heard more about a server that is known to speak this dialect, which is no reason to believe it for
  // longer. Returns what to keep: the same pointer for the same words.
  ServerInfoPtr learn(const routing::AdapterRoute& route, ServerInfo info);
  void forget(const routing::AdapterRoute& route);

 private:
  struct Verdict {
    ServerInfoPtr info;
    std::string place;  // Of the server that it is about, like what follows.
    std::string path;
    std::string sse_path;
    SteadyTime expires;

    bool is_about(const routing::AdapterRoute& route) const;
  };
  mutable std::mutex mutex_;
  std::unordered_map<std::string, Verdict> verdicts_;  // By adapter uid.
};

}  // namespace gw::peer
