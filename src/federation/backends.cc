#include "federation/backends.h"

#include "tools/tool_peer.h"

namespace gw::federation {

bool RemoteBackends::is_tool(std::string_view source) const {
  const routing::RoutePtr found = route(source);
  return found != nullptr && bool(found->tool);
}

routing::RoutePtr RemoteBackends::route(std::string_view source) const {
  return outbound_.routes.find(source);
}

std::unique_ptr<peer::Peer> RemoteBackends::peer(std::string_view source) {
  if (is_tool(source)) return std::make_unique<tools::ToolPeer>(outbound_, tools_, health_, std::string(source));
  return std::make_unique<peer::RemotePeer>(outbound_, std::string(source));
}

Task<Result<>> RemoteBackends::listen(std::string source, peer::Ask ask, peer::Interest interest,
                                      peer::Listener& listener) {
  if (is_tool(source)) co_return fail(Errc::unsupported, "'{}' tells of no changes", source);
  peer::RemotePeer server(outbound_, std::move(source));
  co_return co_await server.listen(std::move(ask), std::move(interest), listener);
}

Task<Result<>> RemoteBackends::notify(std::string source, peer::Ask ask) {
  if (is_tool(source)) co_return Result<>();
  peer::RemotePeer server(outbound_, std::move(source));
  co_return co_await server.notify(std::move(ask));
}

}  // namespace gw::federation
