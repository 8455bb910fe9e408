// Parts of Federation that only its own files need.
#pragma once

#include "federation/change_stream.h"
#include "federation/federation.h"

namespace gw::federation {

struct Federation::Stopped {
  std::optional<Reply> reply;  // What the client is told; nothing when the answer was given already,
  Result<> given;              // or why that failed.
};

// params.notifications of subscriptions/listen. Errc::invalid with the reason.
Result<Wanted> wanted_by(std::string_view notifications, std::size_t max_uris);

}  // namespace gw::federation
