#include "federation/worker.h"

#include "base/strings.h"
#include "runtime/time.h"

namespace gw::federation {

Worker::Worker(access::Access& its_access, Backends& its_backends, Shared& its_shared, session::Sealer its_sealer,
               Counters& its_counters)
    : access(its_access),
      backends(its_backends),
      shared(its_shared),
      sealer(std::move(its_sealer)),
      counters(its_counters),
      server_info(fmt::format(R"({{"name":{},"version":{}}})", json_quote(its_shared.options.name),
                              json_quote(its_shared.options.version))),
      views(its_access, its_backends, its_shared.options.view_bytes, its_counters) {}

std::int64_t unix_now() {
  return std::chrono::duration_cast<std::chrono::seconds>(wall_now().time_since_epoch()).count();
}

}  // namespace gw::federation
