// Who asks, and for which part of the catalogue: what is known of a request once its head and its session are read.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "access/access.h"
#include "catalogue/snapshot.h"
#include "federation/backends.h"
#include "federation/client_session.h"
#include "federation/offer.h"
#include "mcp/era.h"

namespace gw::federation {

struct Caller {
  mcp::Era era = mcp::Era::legacy;
  OfferPtr offer;
  const catalogue::VirtualServer* server = nullptr;  // Of `offer`; null: everything.
  access::Use use;                                   // Its route is replaced for each server.
  std::string capabilities;                          // Text of the signed capability header, on which views depend.
  peer::ClientPtr client;                            // Of the session, or of a modern message; else null.
  ClientSessionPtr session;                          // Of legacy clients; else null.
  bool may_stream = true;                            // It accepts event streams.
  bool by_gateway = false;                           // A gateway in front of this router found out who it is.
  std::string log_level;                             // Empty: no log messages.

  const catalogue::Snapshot& snapshot() const { return *offer->snapshot; }
  std::string session_id() const { return session ? session->id : std::string(); }
};

// What may outlive its request.
using CallerPtr = std::shared_ptr<const Caller>;

// What a caller sees of the catalogue: the one filter of lists, calls and suggestions. For one request; `caller` must
// outlive it.
class Visibility {
 public:
  Visibility(const access::Access& access, const Backends& backends, const Caller& caller);
  Visibility(const Visibility&) = delete;
  Visibility& operator=(const Visibility&) = delete;

  bool shows(const catalogue::Item& item);
  // The same without regard to the virtual server.
  bool permits(const catalogue::Item& item);
  // Whether items of the server may be shown at all. Nothing is recorded: asking is not using.
  bool may_know(std::string_view source);
  // The caller's use of a server of which something was shown. Valid until something of another is asked for.
  const access::Use& use_of(std::string_view source);

 private:
  const routing::AdapterRoute* usable(std::string_view source);
  routing::RoutePtr find_usable(std::string_view source);

  const access::Access& access_;
  const Backends& backends_;
  const Caller& caller_;
  access::Use use_;
  std::map<std::string, routing::RoutePtr, std::less<>> usable_;  // Null: not for this caller.
  decltype(usable_)::const_iterator latest_ = usable_.end();      // Items of a server come together.
};

policy::ItemKind policy_kind(catalogue::Kind kind);

// The key under which lists of this caller are kept: two callers with the same key see the same.
std::string view_key(const Caller& caller);

}  // namespace gw::federation
