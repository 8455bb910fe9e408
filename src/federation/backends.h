// What stands behind the items of the catalogue: servers of adapters, and registered tools.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "peer/remote_peer.h"
#include "routing/route_table.h"
#include "tools/tool_cache.h"
#include "tools/tool_health.h"

namespace gw::federation {

// Of one worker. `source` is catalogue::Item::adapter.
class Backends {
 public:
  virtual ~Backends() = default;
  // Whose rules (ownership, policy, limits) count for the items of `source`; null: it is not there any more.
  virtual routing::RoutePtr route(std::string_view source) const = 0;
  // Who answers for them. Never null; a source that is gone answers Errc::not_found.
  virtual std::unique_ptr<peer::Peer> peer(std::string_view source) = 0;
  // As RemotePeer::listen. Errc::unsupported for what never tells of anything.
  virtual Task<Result<>> listen(std::string source, peer::Ask ask, peer::Interest interest,
                                peer::Listener& listener) = 0;
  // As RemotePeer::notify.
  virtual Task<Result<>> notify(std::string source, peer::Ask ask) = 0;
};

// The servers of adapters, and registered tools.
class RemoteBackends final : public Backends {
 public:
  // Both must outlive this.
  RemoteBackends(peer::Outbound& outbound, tools::ToolHealth& health) : outbound_(outbound), health_(health) {}

  routing::RoutePtr route(std::string_view source) const override;
  std::unique_ptr<peer::Peer> peer(std::string_view source) override;
  Task<Result<>> listen(std::string source, peer::Ask ask, peer::Interest interest, peer::Listener& listener) override;
  Task<Result<>> notify(std::string source, peer::Ask ask) override;

 private:
  bool is_tool(std::string_view source) const;

  peer::Outbound& outbound_;
  tools::ToolHealth& health_;
  tools::ToolCache tools_;
};

}  // namespace gw::federation
