// The data plane of one worker: /adapters/{name}/mcp, /sse and /messages.
//
// It passes bytes: bodies are never parsed or re-encoded (except for the one `endpoint` event of HTTP+SSE). What it
// decides, it decides by path and header: the adapter, the endpoint, and the session id, which is sealed on its way to
// the client and opened on its way back (ARCHITECTURE.md, "The life of a request").
#pragma once

#include <string>

#include "http/service.h"
#include "net/address.h"
#include "proxy/counters.h"
#include "routing/route_table.h"
#include "routing/select.h"
#include "session/sealed_id.h"
#include "upstream/pool.h"

namespace gw::proxy {

struct ProxyOptions {
  Duration session_lifetime = std::chrono::hours(24);
  Duration keep_alive_interval = std::chrono::seconds(15);  // Between comments on an idle event stream.
  std::vector<net::AddressBlock> trusted_proxies;           // Whose Forwarded and X-Forwarded-* fields are believed.
};

// Belongs to one worker, like everything that it refers to.
class Proxy final : public http::Service {
 public:
  Proxy(routing::RouteTable& routes, upstream::Pool& pool, session::Sealer sealer, ProxyOptions options,
        Counters& counters);

  // Whether a path belongs here rather than to the control plane: "/adapters/{name}/" and one of the three names.
  static bool serves(std::string_view path);

  Task<Result<>> handle(http::Exchange& exchange) override;

 private:
  struct Request;  // What is known about a request once its path and its session are understood.
  enum class Front { mcp, sse, messages };

  Task<Result<>> forward(http::Exchange& exchange, Request& request);
  // Errc::unavailable or Errc::timeout before Request::sent: the endpoint could not be reached.
  Task<Result<>> attempt(http::Exchange& exchange, Request& request, const routing::Endpoint& endpoint);
  // Sends the request and reads the head of the answer.
  Task<Result<>> exchange_heads(http::Exchange& exchange, Request& request, const routing::Endpoint& endpoint,
                                http::ClientConnection& upstream);
  Task<Result<>> send_request(http::Exchange& exchange, Request& request, const routing::Endpoint& endpoint,
                              http::ClientConnection& upstream);
  Task<Result<>> relay(http::Exchange& exchange, Request& request, const routing::Endpoint& endpoint,
                       http::ClientConnection& upstream);
  Task<Result<>> relay_events(http::Exchange& exchange, Request& request, http::ClientConnection& upstream);
  Task<Result<>> relay_with_endpoint_event(http::Exchange& exchange, Request& request,
                                           const routing::Endpoint& endpoint, http::ClientConnection& upstream);

  // Fills the request's endpoints and upstream session, or says why that is impossible.
  Result<> bind(http::Exchange& exchange, Request& request);
  Result<> bind_session(Request& request, std::string_view sealed_id);
  Result<std::string> seal(const Request& request, const routing::Endpoint& endpoint,
                           std::string_view upstream_session);

  bool is_trusted(std::string_view address) const;
  std::string client_address(const http::Exchange& exchange) const;
  bool endpoint_is_gone(const Request& request, const routing::Endpoint& endpoint) const;

  routing::RouteTable& routes_;
  upstream::Pool& pool_;
  session::Sealer sealer_;
  routing::Selector selector_;
  ProxyOptions options_;
  Counters& counters_;
};

}  // namespace gw::proxy
