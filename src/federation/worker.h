// What the parts of one worker's federation have in common.
#pragma once

#include <string>

#include "access/access.h"
#include "federation/backends.h"
#include "federation/counters.h"
#include "federation/session_cache.h"
#include "federation/shared.h"
#include "federation/views.h"
#include "runtime/event.h"
#include "runtime/task_group.h"
#include "session/sealed_id.h"

namespace gw::federation {

struct Worker {
  Worker(access::Access& its_access, Backends& its_backends, Shared& its_shared, session::Sealer its_sealer,
         Counters& its_counters);

  access::Access& access;
  Backends& backends;
  Shared& shared;
  session::Sealer sealer;
  SessionCache sessions_known{sealer};
  Counters& counters;
  const std::string server_info;  // The gateway's Implementation, raw JSON.
  OfferPtr offer;                 // Null before the first.
  ViewCache views;
  Event changed;  // Pulsed when what callers see may be different.

  const Options& options() const { return shared.options; }
};

// Unix time in seconds.
std::int64_t unix_now();

}  // namespace gw::federation
