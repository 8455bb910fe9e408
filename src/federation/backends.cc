#include "federation/backends.h"

namespace gw::federation {

bool RemoteBackends::is_other(std::string_view source) const {
  return others_.route && others_.route(source) != nullptr;
}

routing::RoutePtr RemoteBackends::route(std::string_view source) const {
  if (others_.route) {
    if (auto route = others_.route(source)) return route;
  }
  return outbound_.routes.find(source);
}

std::unique_ptr<peer::Peer> RemoteBackends::peer(std::string_view source) {
  if (others_.peer) {
    if (auto made = others_.peer(source)) return made;
  }
  return std::make_unique<peer::RemotePeer>(outbound_, std::string(source));
}

Task<Result<>> RemoteBackends::listen(std::string source, peer::Ask ask, peer::Interest interest,
                                      peer::Listener& listener) {
  if (is_other(source)) co_return fail(Errc::unsupported, "'{}' tells of no changes", source);
  peer::RemotePeer server(outbound_, std::move(source));
  co_return co_await server.listen(std::move(ask), std::move(interest), listener);
}

Task<Result<>> RemoteBackends::notify(std::string source, peer::Ask ask) {
  if (is_other(source)) co_return Result<>();
  peer::RemotePeer server(outbound_, std::move(source));
  co_return co_await server.notify(std::move(ask));
}

}  // namespace gw::federation
