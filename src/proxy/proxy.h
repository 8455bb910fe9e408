// The data plane of one worker: /adapters/{name}/mcp, /sse and /messages.
//
// It passes bytes: bodies are never re-encoded (except for the one `endpoint` event of HTTP+SSE), and read only where a
// rule of access control looks at messages. All else it decides by path and header: the adapter, the endpoint, and the
// session id, which is sealed on its way to the client and opened on its way back (ARCHITECTURE.md, "The life of a
// request").
#pragma once

#include <string>

#include "access/access.h"
#include "http/service.h"
#include "proxy/counters.h"
#include "proxy/event_filter.h"
#include "proxy/list_filter.h"
#include "proxy/routers.h"
#include "proxy/tool_hints.h"
#include "routing/route_table.h"
#include "routing/select.h"
#include "session/sealed_id.h"
#include "upstream/pool.h"

namespace gw::proxy {

struct ProxyOptions {
  Duration session_lifetime = std::chrono::hours(24);
  Duration keep_alive_interval = std::chrono::seconds(15);  // Between comments on an idle event stream.
};

struct Call;
struct Calls;

// Belongs to one worker, like everything that it refers to but `hints`. Settings must have been applied to `access`
// before the first request, and every exchange must have its caller.
class Proxy final : public http::Service {
 public:
  Proxy(routing::RouteTable& routes, upstream::Pool& pool, session::Sealer sealer, access::Access& access,
        ToolHints& hints, ProxyOptions options, Counters& counters);

  // Whether a path belongs here rather than to the control plane: "/adapters/{name}/" and one of the three names.
  static bool serves(std::string_view path);

  Task<Result<>> handle(http::Exchange& exchange) override;

  // What routers answer: Streamable HTTP at whatever path the client asks for. Who may ask at all, and how often, is
  // decided here; everything about servers and items is decided by the router. Session ids pass as they are: those of
  // one session go to one router as long as it can be reached (docs/adr/0015-router.md).
  Task<Result<>> pass_on(http::Exchange& exchange, Routers& routers);

 private:
  struct Count;
  struct Request;  // What is known about a request once its path and its session are understood.
  enum class Front { mcp, sse, messages };

  Task<Result<>> respond_failed(http::Exchange& exchange, const Request& request, Error error);

  Task<Result<>> forward_to_router(http::Exchange& exchange, Request& request);
  std::vector<const routing::Endpoint*> routers_for(const http::Exchange& exchange, const Request& request);

  // Asks whether the request may go on, and sends it.
  Task<Result<>> forward(http::Exchange& exchange, Request& request);
  // The same, ended after the adapter's call timeout where it has one.
  Task<Result<>> forward_in_time(http::Exchange& exchange, Request& request);
  // Errc::unavailable or Errc::timeout before Request::sent: the endpoint could not be reached.
  Task<Result<>> attempt(http::Exchange& exchange, Request& request, const routing::Endpoint& endpoint);
  // Sends the request and reads the head of the answer.
  Task<Result<>> exchange_heads(http::Exchange& exchange, Request& request, const routing::Endpoint& endpoint,
                                http::ClientConnection& upstream);
  Task<Result<>> send_request(http::Exchange& exchange, Request& request, const routing::Endpoint& endpoint,
                              http::ClientConnection& upstream);
  std::string request_head(const http::Exchange& exchange, const Request& request, const routing::Endpoint& endpoint,
                           std::optional<std::uint64_t> list_length);

  Task<Result<>> relay(http::Exchange& exchange, Request& request, const routing::Endpoint& endpoint,
                       http::ClientConnection& upstream);
  void begin_answer(http::Exchange& exchange, const Request& request, const routing::Endpoint& endpoint,
                    const http::ResponseHead& head, std::optional<std::uint64_t> length);
  // An answer whose lists have to be looked at.
  Task<Result<>> relay_filtered(http::Exchange& exchange, Request& request, const routing::Endpoint& endpoint,
                                http::ClientConnection& upstream);
  // `filter` may be null.
  Task<Result<>> relay_events(http::Exchange& exchange, Request& request, http::ClientConnection& upstream,
                              EventFilter* filter);
  Task<Result<>> relay_with_endpoint_event(http::Exchange& exchange, Request& request,
                                           const routing::Endpoint& endpoint, http::ClientConnection& upstream);

  // Fills the request's endpoints and upstream session, or says why that is impossible.
  Result<> bind(http::Exchange& exchange, Request& request);
  Result<> bind_session(Request& request, std::string_view sealed_id);
  static session::Owner owner_of(const Request& request);
  Result<std::string> seal(const Request& request, const routing::Endpoint& endpoint,
                           std::string_view upstream_session);
  std::string_view affinity_key(const http::Exchange& exchange) const;

  bool may_know(const http::Exchange& exchange, const routing::AdapterRoute& route) const;
  // The one answer for adapters that are not there and for those that the caller may not see.
  Task<Result<>> respond_no_adapter(http::Exchange& exchange, std::string_view adapter);
  Task<Result<>> respond_refused(http::Exchange& exchange, const Request& request, const access::Verdict& verdict);

  // True: go on. False: the answer was given.
  Task<Result<bool>> pass_messages(http::Exchange& exchange, Request& request);
  Task<Result<bool>> pass_without_message(http::Exchange& exchange, Request& request);
  Task<Result<bool>> admit(http::Exchange& exchange, Request& request, std::string_view tool);
  Task<Result<bool>> judge(http::Exchange& exchange, Request& request, const Calls& calls);

  Shows list_shows(const Request& request);
  std::optional<policy::Hints> hints_of(const Request& request, const Call& call) const;
  std::optional<policy::Hints> judged_hints(const Request& request, const Call& call) const;
  // The first tool call about whose tool nothing is known, or null.
  const Call* without_hints(const Request& request, const Calls& calls) const;
  // Asks the server for its tools when it is not known what it says about those that are called.
  Task<> learn_hints(http::Exchange& exchange, const Request& request, const Calls& calls);
  Task<Result<>> list_tools(http::Exchange& exchange, const Request& request, const Calls& calls);
  Task<Result<std::string>> ask(http::Exchange& exchange, const Request& request, std::string_view id,
                                std::string body);

  // For streams without an end: whether their reader may still read them. `seen` remembers by what that was found.
  struct Seen;
  bool may_stay(const identity::Principal& who, const Request& request, Seen& seen) const;

  bool endpoint_is_gone(const Request& request, const routing::Endpoint& endpoint) const;

  routing::RouteTable& routes_;
  upstream::Pool& pool_;
  session::Sealer sealer_;
  access::Access& access_;
  ToolHints& hints_;
  routing::Selector selector_;
  ProxyOptions options_;
  Counters& counters_;
};

}  // namespace gw::proxy
