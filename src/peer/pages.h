// One list of a server, with all its pages.
#pragma once

#include <string>
#include <vector>

#include "catalogue/item.h"
#include "peer/lister.h"
#include "peer/remote_peer.h"

namespace gw::peer {

struct Pages {
  std::vector<catalogue::Definition> definitions;
  std::vector<catalogue::Invalid> invalid;
  Duration fresh_for = Duration::max();  // The shortest ttlMs of its pages; max when none has a positive one.
};

// Follows the cursors to their end. An unknown method is an empty list. Errc::upstream past the bounds of `options` and
// for cursors that go in circles; no list is returned in part.
Task<Result<Pages>> list_all(RemotePeer& peer, const ClientPtr& client, catalogue::Kind kind,
                             const ListerOptions& options, Events& events);

}  // namespace gw::peer
